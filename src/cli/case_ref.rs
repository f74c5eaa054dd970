//! Which case is meant: `NW-1042`, `[nw-1042]` or `1042`.

use crate::decide::case::Case;
use crate::mail::{CaseId, CaseRef};
use crate::store::Tx;

use super::exit::Trouble;

/// The case of that name. Error 66 where there is none.
pub async fn find(tx: &mut Tx, prefix: &str, text: &str) -> Result<Case, Trouble> {
    let by_number = || text.trim().parse().ok().map(CaseId);
    let id = CaseRef::parse(prefix, text).map(|r| r.id).or_else(by_number);
    let id = id.ok_or_else(|| {
        Trouble::unknown(format!(
            "\"{text}\" is no case: they are called {prefix}-1001 and so on; see `amends case list`"
        ))
    })?;
    let found = tx.case(id).await?;
    found.ok_or_else(|| {
        let named = CaseRef::new(prefix, id);
        Trouble::unknown(format!("there is no case {named}; `amends case list --all` shows all there are"))
    })
}
