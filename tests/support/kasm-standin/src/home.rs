//! The files a container makes in the user's home when it starts.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use kasm_standin::CERTIFICATE_AND_KEY_PEM;

/// Fills the home. An error ends the container, as `set -e` does in the real scripts: a home that is not writable, or
/// one that has `.bashrc` but no `Desktop`.
pub(crate) fn prepare(home: &Path) -> io::Result<()> {
    if !home.join(".bashrc").exists() {
        fs::create_dir_all(home.join("Desktop"))?;
        fs::write(home.join(".bashrc"), "# from the default profile\n")?;
        fs::create_dir_all(home.join(".config"))?;
    }
    for folder in ["Uploads", "Downloads"] {
        fs::create_dir_all(home.join(folder))?;
        let link = home.join("Desktop").join(folder);
        if link.symlink_metadata().is_err() {
            std::os::unix::fs::symlink(home.join(folder), link)?;
        }
    }
    let private = home.join(".vnc");
    fs::create_dir_all(&private)?;
    let pem = private.join("self.pem");
    fs::write(&pem, CERTIFICATE_AND_KEY_PEM)?;
    fs::set_permissions(&pem, Permissions::from_mode(0o600))
}
