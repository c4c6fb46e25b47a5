//! cbp-ingest
