// Yours to write: who may spend your credits, and how many. As it is, it refuses everybody.

/** The user's name, by the session that the request's cookie names; undefined refuses the request. */
export async function userOf(_request) {
  return undefined;
}

/** Takes credits from what the user has left; false where that is too little. */
export async function takeCredits(_user, _credits) {
  return false;
}
