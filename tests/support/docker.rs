//! The real engine, asked with its own command line: what a person would look at after a fault.

use std::process::Command;

use super::surroundings;

/// Where the engine answers.
pub(crate) fn engine() -> String {
    surroundings("DOCKER_HOST").unwrap_or_else(|| "unix:///var/run/docker.sock".to_owned())
}

/// What `docker` prints; fails when it does.
pub(crate) fn docker(arguments: &[&str]) -> String {
    try_docker(arguments).unwrap_or_else(|said| panic!("docker {arguments:?}: {said}"))
}

/// What `docker` prints, or what it complains about.
pub(crate) fn try_docker(arguments: &[&str]) -> Result<String, String> {
    let done = Command::new("docker")
        .args(arguments)
        .output()
        .expect("the docker command is installed");
    if done.status.success() {
        Ok(String::from_utf8_lossy(&done.stdout).trim().to_owned())
    } else {
        Err(String::from_utf8_lossy(&done.stderr).trim().to_owned())
    }
}

/// The lines `docker` prints.
pub(crate) fn docker_lines(arguments: &[&str]) -> Vec<String> {
    docker(arguments).lines().map(str::to_owned).collect()
}
