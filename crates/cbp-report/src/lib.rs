//! cbp-report
