"""Canaille for one test: `python run.py <address of the server under test>`.

A second OpenID provider, written independently of the first. It keeps everything in memory, prints `ready <issuer>`
and ends with SIGTERM.
"""

import socket
import sys

from canaille import create_app
from canaille.app import models
from canaille.backends import Backend
from canaille.oidc.jose import make_default_rsa_jwk
from werkzeug.serving import make_server

SERVER = sys.argv[1]

with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]

app = create_app(
    {
        "SECRET_KEY": "only for a test",
        "SERVER_NAME": f"127.0.0.1:{port}",
        "PREFERRED_URL_SCHEME": "http",
        "CANAILLE": {"DATABASE": "memory", "JAVASCRIPT": False, "HTMX": False},
        "CANAILLE_OIDC": {
            "ACTIVE_JWKS": [make_default_rsa_jwk().as_dict(private=True)],
            "USERINFO_MAPPING": {"PREFERRED_USERNAME": "{{ user.user_name }}"},
        },
    }
)

with app.app_context(), Backend.instance.session():

    def saved(row):
        Backend.instance.save(row)
        return row

    carla = saved(
        models.User(
            user_name="carla",
            password="correct horse battery",
            formatted_name="Carla Canaille",
            display_name="Carla C",
            family_name="Canaille",
            given_name="Carla",
            emails=["carla@example.test"],
        )
    )
    saved(models.Group(display_name="admins", members=[carla]))
    saved(models.Group(display_name="dev", members=[carla]))
    client = saved(
        models.Client(
            client_id="kasm",
            client_secret="insecure_secret",
            client_name="Deskcast",
            client_uri=SERVER,
            redirect_uris=[f"{SERVER}/api/oidc_callback"],
            post_logout_redirect_uris=[f"{SERVER}/login?signed_out=1"],
            grant_types=["authorization_code", "refresh_token"],
            response_types=["code"],
            scope=["openid", "profile", "groups", "email"],
            token_endpoint_auth_method="client_secret_basic",
        )
    )
    # Without it, its ID tokens are made for nobody.
    client.audience = [client]
    Backend.instance.save(client)

server = make_server("127.0.0.1", port, app, threaded=True)
print(f"ready http://127.0.0.1:{port}", flush=True)
server.serve_forever()
