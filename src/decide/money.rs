//! Money: integer minor units with a currency, never a float.

use std::fmt;

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// Cents, pence, yen: the smallest unit of the currency (ISO 4217).
    pub minor: i64,
    /// Three letters, upper case.
    pub currency: String,
}

impl Money {
    /// Reads `50 EUR`, `49.90 eur`, `EUR 50`, `49,90 EUR`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let says = || format!("\"{text}\" is no amount: write it as in \"50 EUR\" or \"49.90 EUR\"");
        let (a, b) = text.trim().split_once(char::is_whitespace).ok_or_else(says)?;
        let (number, currency) =
            if a.starts_with(|c: char| c.is_ascii_digit()) { (a, b.trim()) } else { (b.trim(), a) };
        if currency.len() != 3 || !currency.bytes().all(|c| c.is_ascii_alphabetic()) {
            return Err(says());
        }
        let currency = currency.to_ascii_uppercase();
        let minor = minor_units(number, digits_of(&currency)).ok_or_else(says)?;
        Ok(Self { minor, currency })
    }
}

/// How many digits stand behind the point (ISO 4217).
fn digits_of(currency: &str) -> usize {
    match currency {
        "JPY" | "KRW" | "VND" | "CLP" | "ISK" | "XOF" | "XAF" | "PYG" | "UGX" | "RWF" => 0,
        "BHD" | "KWD" | "OMR" | "JOD" | "TND" | "IQD" | "LYD" => 3,
        _ => 2,
    }
}

fn minor_units(number: &str, digits: usize) -> Option<i64> {
    let (whole, part) = number.split_once(['.', ',']).unwrap_or((number, ""));
    let plain = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !plain(whole) || !plain(part) || part.len() > digits {
        return None;
    }
    format!("{whole}{part:0<digits$}").parse().ok()
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = digits_of(&self.currency);
        let unit = 10_i64.pow(digits as u32);
        match (self.minor / unit, self.minor % unit) {
            (whole, 0) => write!(f, "{whole} {}", self.currency),
            (whole, part) => write!(f, "{whole}.{part:0digits$} {}", self.currency),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_and_written() {
        for (text, minor, shown) in
            [("50 EUR", 5000, "50 EUR"), ("49,90 eur", 4990, "49.90 EUR"), ("JPY 500", 500, "500 JPY")]
        {
            let money = Money::parse(text).expect("an amount");
            assert_eq!((money.minor, money.to_string().as_str()), (minor, shown));
        }
        for bad in ["50", "EUR", "-5 EUR", "1.999 EUR", "5 EURO", "1.000,00 EUR"] {
            assert!(Money::parse(bad).is_err(), "{bad}");
        }
    }
}
