// The pages of an account at the service, where they help.

/** Where an account is topped up, its spending is listed, and its keys are kept. */
export const accountPages = {
  topup: 'https://aimlapi.com/app/billing',
  usage: 'https://aimlapi.com/app/usage',
  keys: 'https://aimlapi.com/app/keys/',
};

/** Whether requests go to the service itself, and so are listed in the account that their key is of. */
export function isService({ mode, host }) {
  return mode === 'service' || host === 'api.aimlapi.com';
}
