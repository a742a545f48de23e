// An OpenID provider of its own for one test: `node op.mjs <set-up> <address of the server under test>`.
//
// A set-up of op.json says where its endpoints are, who its client is, and who its people are. It prints
// `ready <issuer>` and ends with SIGTERM. Claims are given at userinfo only, as Authelia and IServ give them.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const [, , name, server] = process.argv;
const setUp = JSON.parse(readFileSync(new URL('op.json', import.meta.url), 'utf8'))[name];
const http = createServer();
await new Promise((listening) => http.listen(0, '127.0.0.1', listening));
const issuer = `http://127.0.0.1:${http.address().port}`;

const page = (title, body) =>
  `<!doctype html><html lang="en"><title>${title}</title><h1>${title}</h1>${body}</html>`;

const provider = new Provider(issuer, {
  routes: setUp.routes,
  clients: [
    {
      ...setUp.client,
      redirect_uris: [`${server}/api/oidc_callback`],
      post_logout_redirect_uris: [`${server}/login?signed_out=1`],
      backchannel_logout_uri: `${server}/api/oidc_backchannel_logout`,
      backchannel_logout_session_required: true,
    },
  ],
  claims: {
    openid: ['sub'],
    profile: ['name', 'preferred_username'],
    groups: ['groups'],
    email: ['email', 'email_verified'],
    uuid: ['uuid'],
  },
  cookies: { keys: ['only for a test'] },
  pkce: { required: () => true },
  // Its own way of fetching calls nobody on this machine; the server under test is nowhere else.
  fetch: (url, { dispatcher, ...options }) => globalThis.fetch(url, options),
  features: {
    devInteractions: { enabled: false },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: {
      logoutSource: async (ctx, form) => {
        const button = '<button form="op.logoutForm" name="logout" value="yes">Sign out here too</button>';
        ctx.body = page('Sign out of the provider?', form + button);
      },
      postLogoutSuccessSource: async (ctx) => {
        ctx.body = page('Signed out of the provider', '');
      },
    },
  },
  interactions: { url: (_, interaction) => `/sign-in/${interaction.uid}` },
  findAccount: async (_, id) =>
    setUp.people[id] && { accountId: id, claims: async () => ({ sub: id, ...setUp.people[id].claims }) },
  // Nobody is asked whether the client may know who they are.
  loadExistingGrant: async (ctx) => {
    const { client, session, provider: op } = ctx.oidc;
    const known = session.grantIdFor(client.clientId);
    if (known) return op.Grant.find(known);
    const grant = new op.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope(setUp.client.scope);
    await grant.save();
    return grant;
  },
  ttl: { AccessToken: 3600, Grant: 86400, IdToken: 3600, Interaction: 600, Session: 86400 },
});

provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith('/sign-in/')) return next();
  if (ctx.method === 'GET') {
    await provider.interactionDetails(ctx.req, ctx.res);
    const fields = '<input name="name" id="name" autofocus><input name="password" id="password" type="password">';
    const buttons = '<button id="sign-in">Sign in</button><button id="deny" name="deny" value="1">Do not sign in</button>';
    ctx.body = page('Sign in at the provider', `<form method="post">${fields}${buttons}</form>`);
    return undefined;
  }
  let body = '';
  for await (const chunk of ctx.req) body += chunk;
  const form = new URLSearchParams(body);
  const person = setUp.people[form.get('name')];
  if (!form.get('deny') && person?.password !== form.get('password')) {
    ctx.status = 401;
    ctx.body = page('That is not right', '');
    return undefined;
  }
  const result = form.get('deny')
    ? { error: 'access_denied', error_description: 'said no' }
    : { login: { accountId: form.get('name') } };
  ctx.respond = false;
  return provider.interactionFinished(ctx.req, ctx.res, result);
});

provider.on('server_error', (_, error) => console.error(error));
provider.on('backchannel.error', (_, error) => console.error(error));
http.on('request', provider.callback());
process.on('SIGTERM', () => process.exit(0));
console.log(`ready ${issuer}`);
