//! Routes that can be counted. A router cannot tell what is in it; this list can, so that a test asks every route
//! who may use it (`tests/it/matrix.rs`) and none is forgotten.

use std::convert::Infallible;

use axum::{
    Extension, Router,
    extract::Request,
    handler::Handler,
    http::Method,
    response::IntoResponse,
    routing::{self, MethodRouter, Route},
};
use tower::{Layer, Service};

/// One method of one path.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Declared {
    /// `None`: every method.
    pub method: Option<Method>,
    /// As the router has it, with `{parameters}`.
    pub path: String,
}

/// A router that remembers what was added to it.
#[derive(Clone, Debug)]
pub struct Routes<S> {
    router: Router<S>,
    declared: Vec<Declared>,
}

impl<S: Clone + Send + Sync + 'static> Default for Routes<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// Nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            router: Router::new(),
            declared: Vec::new(),
        }
    }

    /// `GET`, and so `HEAD`.
    #[must_use]
    pub fn get<H: Handler<T, S>, T: 'static>(self, path: &str, handler: H) -> Self {
        self.add(Some(Method::GET), path, routing::get(handler))
    }

    /// `POST`.
    #[must_use]
    pub fn post<H: Handler<T, S>, T: 'static>(self, path: &str, handler: H) -> Self {
        self.add(Some(Method::POST), path, routing::post(handler))
    }

    /// Every method.
    #[must_use]
    pub fn any<H: Handler<T, S>, T: 'static>(self, path: &str, handler: H) -> Self {
        self.add(None, path, routing::any(handler))
    }

    fn add(mut self, method: Option<Method>, path: &str, handler: MethodRouter<S>) -> Self {
        self.declared.push(Declared {
            method,
            path: path.to_owned(),
        });
        self.router = self.router.route(path, handler);
        self
    }

    /// These and those of `other`.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        self.declared.extend(other.declared);
        self.router = self.router.merge(other.router);
        self
    }

    /// Gives every handler so far this value.
    #[must_use]
    pub fn with<T: Clone + Send + Sync + 'static>(self, value: T) -> Self {
        self.layer(Extension(value))
    }

    /// Puts a layer around everything so far.
    #[must_use]
    pub fn layer<L>(mut self, layer: L) -> Self
    where
        L: Layer<Route> + Clone + Send + Sync + 'static,
        L::Service: Service<Request> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse + 'static,
        <L::Service as Service<Request>>::Error: Into<Infallible> + 'static,
        <L::Service as Service<Request>>::Future: Send + 'static,
    {
        self.router = self.router.layer(layer);
        self
    }

    /// What was added.
    #[must_use]
    pub fn declared(&self) -> &[Declared] {
        &self.declared
    }

    /// The router itself.
    pub fn into_router(self) -> Router<S> {
        self.router
    }
}

/// A router that hands everything to `service`, which has routes of its own inside.
pub fn everything_to<T>(service: T) -> Router
where
    T: Service<Request, Error = Infallible> + Clone + Send + Sync + 'static,
    T::Response: IntoResponse,
    T::Future: Send + 'static,
{
    Router::new().fallback_service(service)
}
