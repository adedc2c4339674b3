// What a browser printed last, for the error of the command that met its end: a page that crashed
// says no more to its driver than that it is gone.

import { error } from 'selenium-webdriver';

const kept = 2000;

/** Keeps the end of what a program prints, and holds nobody up; returns a function that gives it. */
export function lastWords(stream) {
  let words = '';
  stream.setEncoding('utf8').on('data', (chunk) => (words = (words + chunk).slice(-kept)));
  stream.unref();
  return () => words.trim();
}

/** Makes a driver's errors end with the browser's last words, if it has said any. */
export function quoting(driver, words) {
  const execute = driver.execute.bind(driver);
  driver.execute = async (command) => {
    try {
      return await execute(command);
    } catch (cause) {
      if (cause instanceof error.WebDriverError && words()) cause.message += `\nthe browser said last:\n${words()}`;
      throw cause;
    }
  };
  return driver;
}
