//! (in work)

#[derive(Debug)]
pub struct Templates;
