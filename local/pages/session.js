// The session of the demo user that is signed in, kept until the browser's tab is closed.
const KEY = "petition.session";

export function readSession() {
  const session = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
  return session && session.expires > Date.now() ? session : null;
}

export function forgetSession() {
  sessionStorage.removeItem(KEY);
}

export async function signIn({ supabase, users }, name) {
  const { email, password } = users[name];
  const answer = await fetch(`${supabase.url}/auth/v1/token?grant_type=password`, {
    method: "POST",
    headers: { "Content-Type": "application/json", apikey: supabase.publishableKey },
    body: JSON.stringify({ email, password }),
  });
  if (!answer.ok) throw new Error(`Signing in was answered with ${answer.status}.`);
  const { access_token: token, expires_in: seconds } = await answer.json();
  const session = { name, token, expires: Date.now() + seconds * 1000 };
  sessionStorage.setItem(KEY, JSON.stringify(session));
  return session;
}
