//! What a request to a cast may ask for (pure): nothing here asks the database, the engine or the time.

pub mod network;
pub mod parameters;
pub mod referrer;
pub mod remote_app;
pub mod start_url;
pub mod window;
