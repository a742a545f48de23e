//! The stand-in as a container: what the start scripts of a kasmweb image do, as far as a launcher can tell.
//!
//! One file answers to several names, because the image has no shell: as `/bin/bash` it is handed the scripts of
//! `/dockerstartup` and knows them by name.
//!
//! | variable | what it does |
//! | --- | --- |
//! | `VNC_PW` | password of both users; shorter than 6: exit code 2 at once |
//! | `KASM_STANDIN_FLAVOUR` | `old`, `new` (default), or `plain` for a web application without TLS |
//! | `NO_VNC_PORT` | 6901 |
//! | `KASM_URL`, `URL`, `LAUNCH_URL`, `DISABLE_CUSTOM_STARTUP` | as in the real `custom_startup.sh`; opened addresses go to `/tmp/opened-urls` |
//! | `STANDIN_FAULT` | `exit-at-start`, `exit-after=MS`, `never-ready`, `slow-start=MS` |

mod home;
mod opened_urls;
mod variables;

use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::process::{self, ExitCode};
use std::thread;
use std::time::Duration;

use kasm_standin::{Builder, Fault, Flavour, Standin};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use variables::variable;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().collect();
    let as_shell = words.first().is_some_and(|name| name.ends_with("bash"));
    let Some(script) = words.get(1).filter(|_| as_shell) else {
        return start();
    };
    if !Path::new(script).exists() {
        eprintln!("/bin/bash: {script}: No such file or directory");
        return ExitCode::from(127);
    }
    match script.rsplit('/').next().unwrap_or_default() {
        "kasm_default_profile.sh" | "vnc_startup.sh" => start(),
        "custom_startup.sh" => opened_urls::exec(&words[2..]),
        "kasm_pre_shutdown_user.sh" => opened_urls::append("pre-shutdown", "pre-shutdown"),
        "desktop_ready" => desktop_ready(),
        _ => {
            eprintln!("{script}: the stand-in does not know this script");
            ExitCode::from(126)
        }
    }
}

fn port() -> u16 {
    variable("NO_VNC_PORT")
        .and_then(|port| port.parse().ok())
        .unwrap_or(6901)
}

/// The container's main process.
fn start() -> ExitCode {
    end_on_signal();
    let fault = variable("STANDIN_FAULT").unwrap_or_default();
    let (fault, value) = fault.split_once('=').unwrap_or((&fault, ""));
    let time = Duration::from_millis(value.parse().unwrap_or(0));
    match fault {
        "exit-at-start" => {
            eprintln!("exit-at-start: this container was asked to fail");
            return ExitCode::FAILURE;
        }
        "exit-after" => drop(thread::spawn(move || {
            thread::sleep(time);
            eprintln!("exit-after: this container was asked to fail");
            process::exit(1);
        })),
        "slow-start" => thread::sleep(time),
        _ => {}
    }
    let builder = Standin::builder().listen(SocketAddr::from((Ipv4Addr::UNSPECIFIED, port())));
    let builder = if fault == "never-ready" {
        builder.fault(Fault::HangBeforeTls)
    } else {
        builder
    };
    let builder = match variable("KASM_STANDIN_FLAVOUR").as_deref() {
        Some("plain") => Ok(builder.plain()),
        Some("old") => desktop(builder.flavour(Flavour::Old)),
        _ => desktop(builder),
    };
    let started = builder.and_then(|builder| {
        builder
            .try_spawn()
            .map_err(|error| Failure(error.to_string(), 1))
    });
    match started {
        Ok(standin) => {
            println!("KasmVNC environment started");
            opened_urls::at_start();
            standin.run_forever();
            ExitCode::FAILURE
        }
        Err(Failure(reason, code)) => {
            eprintln!("{reason}");
            ExitCode::from(code)
        }
    }
}

/// What the container says before it ends, and its exit code.
struct Failure(String, u8);

fn desktop(builder: Builder) -> Result<Builder, Failure> {
    let password = variable("VNC_PW").unwrap_or_else(|| "vncpassword".to_owned());
    if password.len() < 6 {
        return Err(Failure(
            "Password must be 6 characters at least".to_owned(),
            2,
        ));
    }
    let home = variable("HOME").unwrap_or_else(|| "/home/kasm-user".to_owned());
    let home = Path::new(&home);
    home::prepare(home).map_err(|error| Failure(format!("{}: {error}", home.display()), 1))?;
    let builder = builder
        .password(&password)
        .password_file(&home.join(".kasmpasswd"));
    let page = Path::new("/usr/share/kasmvnc/www");
    Ok(if page.is_dir() {
        builder.folder(page)
    } else {
        builder
    })
}

/// As process 1 the kernel would ignore the signals that nobody handles.
fn end_on_signal() {
    if let Ok(mut signals) = Signals::new([SIGTERM, SIGINT]) {
        thread::spawn(move || {
            if signals.forever().next().is_some() {
                process::exit(0);
            }
        });
    }
}

/// `/usr/bin/desktop_ready`: returns when there is a desktop.
fn desktop_ready() -> ExitCode {
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port())).is_err() {
        thread::sleep(Duration::from_millis(50));
    }
    ExitCode::SUCCESS
}
