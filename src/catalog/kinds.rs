//! What a type is made of: how its picture comes to the browser, and what stands behind it.

/// How the client of a desktop reaches the browser.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    sqlx::Type,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[sqlx(type_name = "client_kind", rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
pub enum ClientKind {
    /// An image that follows the Kasm contract; its client files are served from a trusted copy.
    Vnc,
    /// A plain web application: every request goes to the container.
    Passthrough,
}

/// What stands behind a type.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    sqlx::Type,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[sqlx(type_name = "type_kind", rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
pub enum TypeKind {
    /// A container that is started from an image.
    #[default]
    Container,
    /// A machine that is there already. It can be described, and not be started yet.
    Server,
}

/// How a machine is reached.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    sqlx::Type,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[sqlx(type_name = "server_protocol", rename_all = "lowercase")]
#[serde(rename_all = "lowercase")]
pub enum ServerProtocol {
    /// Remote Desktop Protocol; the only one with remote applications.
    Rdp,
    /// Virtual Network Computing.
    Vnc,
    /// Secure Shell.
    Ssh,
}
