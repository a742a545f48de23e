//! `custom_startup.sh`: instead of a browser, a file that lists what a browser would have been given.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::variables::variable;

const SCRIPT: &str = "/dockerstartup/custom_startup.sh";

/// At container start the address comes from the environment.
pub(crate) fn at_start() {
    if !Path::new(SCRIPT).exists() || variable("DISABLE_CUSTOM_STARTUP").is_some() {
        return;
    }
    if let Some(url) = variable("KASM_URL")
        .or_else(|| variable("URL"))
        .or_else(|| variable("LAUNCH_URL"))
    {
        append("opened-urls", &url);
    }
}

/// `--go` and `--assign` do the same. Without one of them, or without `--url`, nothing is opened.
pub(crate) fn exec(words: &[String]) -> ExitCode {
    let mut words = words.iter();
    let (mut go, mut url) = (false, None);
    while let Some(word) = words.next() {
        match word.as_str() {
            "-g" | "--go" | "-a" | "--assign" => go = true,
            "-u" | "--url" => url = words.next().map(String::as_str),
            other => {
                if let Some(value) = other.strip_prefix("--url=") {
                    url = Some(value);
                }
            }
        }
    }
    match url.filter(|url| go && !url.is_empty()) {
        Some(url) => append("opened-urls", url),
        None => ExitCode::SUCCESS,
    }
}

/// One word per line: the real script does not quote the address, so a blank in it starts another argument and a
/// leading `-` is an option of the browser.
pub(crate) fn append(file: &str, url: &str) -> ExitCode {
    let words: Vec<_> = url.split_ascii_whitespace().collect();
    let lines = words.join("\n") + "\n";
    let home = variable("HOME").map(PathBuf::from);
    let folders = [Some(PathBuf::from("/tmp")), home];
    let written = folders.into_iter().flatten().any(|folder| {
        let opened = OpenOptions::new()
            .append(true)
            .create(true)
            .open(folder.join(file));
        opened
            .and_then(|mut opened| opened.write_all(lines.as_bytes()))
            .is_ok()
    });
    if written {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
