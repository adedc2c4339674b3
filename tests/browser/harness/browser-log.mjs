// What a browser printed last, for the errors of commands that fail because it died: a page that crashed
// tells its driver only that the session is gone.

import { error } from 'selenium-webdriver';

/** Appends the output of the browser, if there is any, to the errors of a driver. */
export function withBrowserOutput(driver, output) {
  const execute = driver.execute.bind(driver);
  driver.execute = async (command) => {
    try {
      return await execute(command);
    } catch (cause) {
      const printed = output();
      if (cause instanceof error.WebDriverError && printed)
        cause.message += `\nlast output of the browser:\n${printed}`;
      throw cause;
    }
  };
  return driver;
}
