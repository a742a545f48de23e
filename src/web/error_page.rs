//! error_page
