// Signs in as the server of a frontend does, and prints the Cookie headers that a browser would send from then on.
import { createServerClient, serializeCookieHeader } from "@supabase/ssr";

const { url, key, small, large } = JSON.parse(process.argv[2]);

/** What a browser keeps. One that keeps deleted cookies is how stale chunks come about. */
class Browser {
  kept = new Map();

  constructor({ keepsDeleted = false } = {}) {
    this.keepsDeleted = keepsDeleted;
  }

  getAll = () => [...this.kept].map(([name, { value }]) => ({ name, value }));

  setAll = (cookies) => {
    for (const { name, value, options } of cookies) {
      if (value) this.kept.set(name, { value, line: serializeCookieHeader(name, value, options).split(";")[0] });
      else if (!this.keepsDeleted) this.kept.delete(name);
    }
  };

  get header() {
    return [...this.kept.values()].map(({ line }) => line).join("; ");
  }
}

async function signIn(browser, account, cookieEncoding) {
  const client = createServerClient(url, key, { cookies: browser, cookieEncoding });
  const { data, error } = await client.auth.signInWithPassword(account);
  if (error) throw error;
  return { header: browser.header, userId: data.user.id };
}

const stale = new Browser({ keepsDeleted: true });
await signIn(stale, large, "base64url");

console.log(
  JSON.stringify({
    whole: await signIn(new Browser(), small, "base64url"),
    chunked: await signIn(new Browser(), large, "base64url"),
    plain: await signIn(new Browser(), small, "raw"),
    plainChunked: await signIn(new Browser(), large, "raw"),
    stale: await signIn(stale, small, "base64url"),
  }),
);
