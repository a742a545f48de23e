//! OpenID providers of other people, as processes of their own.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use crate::support::surroundings;

/// A provider that runs until it is dropped.
#[derive(Debug)]
pub(crate) struct Provider {
    /// Its address.
    pub(crate) issuer: String,
    process: Child,
}

impl Provider {
    /// The certified provider of `tests/support/oidc-provider`, set up like `set_up`, for the server at `server`.
    pub(crate) fn certified(set_up: &str, server: &str) -> Self {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/oidc-provider");
        let mut command = Command::new("node");
        command.current_dir(folder).args(["op.mjs", set_up, server]);
        Self::started(command)
    }

    /// Canaille, another provider, for the server at `server`.
    pub(crate) fn canaille(server: &str) -> Self {
        let project = env!("CARGO_MANIFEST_DIR");
        let mut command = Command::new(format!("{project}/.tools/canaille/bin/python"));
        command
            .arg(format!("{project}/tests/support/canaille/run.py"))
            .arg(server);
        Self::started(command)
    }

    /// Waits until the program says `ready <issuer>`.
    pub(crate) fn started(mut command: Command) -> Self {
        let mut process = command
            .env_clear()
            .env("PATH", surroundings("PATH").unwrap_or_default())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("{command:?}: {error}; scripts/providers.sh installs it")
            });
        let said = BufReader::new(process.stdout.take().unwrap());
        let issuer = said
            .lines()
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("ready ").map(str::to_owned))
            .expect(
                "the provider says where it listens; scripts/providers.sh installs what it needs",
            );
        Self { issuer, process }
    }

    /// One of its addresses.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.issuer)
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}
