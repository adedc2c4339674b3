// Who may spend your credits: yours to write. Look the session of the request's cookie up, count
// what each user has made, refuse the rest. As it is, it refuses everybody.
export async function mayUse(_request) {
  return false;
}
