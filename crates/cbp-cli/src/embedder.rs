//! The embedder as every command opens it: the asked-for model, with the cache of vectors.

use std::sync::Arc;

use cbp_infer::embed::{Embedder, Engine, ModelSource, VectorCache};

use crate::exit::CliError;

/// Opens a model by directory or name, the shipped one where none is named.
pub(crate) fn open(model: Option<&str>) -> Result<Arc<Embedder>, CliError> {
    open_on(model, Engine::default())
}

/// [`open`] on an engine of choice.
pub(crate) fn open_on(model: Option<&str>, engine: Engine) -> Result<Arc<Embedder>, CliError> {
    let cache = VectorCache::usual_folder().map_or_else(VectorCache::in_memory, VectorCache::in_folder);
    Ok(Arc::new(Embedder::open_on(&ModelSource::from_option(model), engine)?.with_cache(cache)?))
}
