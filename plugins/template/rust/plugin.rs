// @NAME@: the words that an answer shares with the reference, and how few others it has (the
// F1 of words). A place to start: what is yours is score_one, the rest can stay.
#![crate_type = "cdylib"]
mod abi;

use abi::*;
use std::collections::HashMap;
use std::mem::size_of;
use std::os::raw::{c_char, c_void};

const TEXT_MAX: usize = 8192; // a longer answer earns nothing

pub struct Plugin {
    min_words: usize, // an answer with fewer earns nothing
}

/// What follows `"key":` in a flat JSON object, without spaces before it.
fn value_of<'a>(json: &'a str, key: &str) -> Option<&'a str> {
    let name = format!("\"{key}\"");
    let after = &json[json.find(&name)? + name.len()..];
    after.trim_start().strip_prefix(':').map(str::trim_start)
}

/// The member "text" of a JSON object, which is what this task's answers and references are.
fn text_of(json: &[u8]) -> Option<String> {
    let mut chars = value_of(std::str::from_utf8(json).ok()?, "text")?
        .strip_prefix('"')?
        .chars();
    let mut text = String::new();
    loop {
        match chars.next()? {
            '"' => break,
            '\\' => match chars.next()? {
                'n' | 't' | 'r' | 'b' | 'f' => text.push(' '),
                'u' => {
                    let code = u32::from_str_radix(chars.as_str().get(..4)?, 16).ok()?;
                    text.push(char::from_u32(code).unwrap_or('\u{fffd}'));
                    chars.nth(3);
                }
                c => text.push(c),
            },
            c => text.push(c),
        }
    }
    (text.len() <= TEXT_MAX).then_some(text)
}

/// How often each word, in lower case, is in the text; and all of them.
fn words_of(text: &str) -> (HashMap<String, usize>, usize) {
    let mut words = HashMap::new();
    let mut total = 0;
    for word in text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()) {
        *words.entry(word.to_lowercase()).or_insert(0) += 1;
        total += 1;
    }
    (words, total)
}

/// From 0 to 1. Saying a word twice does not pay.
fn score_one(p: &Plugin, answer: &str, reference: &str) -> f64 {
    let ((a, a_n), (r, r_n)) = (words_of(answer), words_of(reference));
    if a_n < p.min_words || a_n + r_n == 0 {
        return 0.0;
    }
    let both: usize = a.iter().map(|(w, n)| *r.get(w).unwrap_or(&0).min(n)).sum();
    2.0 * both as f64 / (a_n + r_n) as f64
}

unsafe extern "C" fn score_batch(
    p: *mut Plugin,
    _round: *const c_void,
    batch: *const Batch,
    out: *mut Scores,
) -> i32 {
    let (p, batch, out) = (&*p, &*batch, &mut *out);
    for i in 0..batch.response_n {
        let r = batch.response(i);
        if r.status != RESP_OK {
            continue; // not judged here
        }
        match text_of(batch.challenge(r).reference.as_slice()) {
            None => out.abstain(i), // nothing to compare with: not the miner's fault
            Some(reference) => {
                let answer = text_of(r.body.as_slice());
                out.score(i, answer.map_or(0.0, |a| score_one(p, &a, &reference)));
            }
        }
    }
    RC_OK
}

/// An integer of the configuration, which the host has checked and completed.
fn integer(config: &[u8], key: &str) -> Option<usize> {
    let rest = value_of(std::str::from_utf8(config).ok()?, key)?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok()
}

unsafe extern "C" fn open(_host: *const c_void, config: Bytes, out: *mut *mut Plugin) -> i32 {
    let min_words = integer(config.as_slice(), "min_words").unwrap_or(1);
    *out = Box::into_raw(Box::new(Plugin { min_words }));
    RC_OK
}

unsafe extern "C" fn close(p: *mut Plugin) {
    drop(Box::from_raw(p));
}

const fn text(s: &'static [u8]) -> *const c_char {
    s.as_ptr() as *const c_char
}

static INFO: Info = Info {
    size: size_of::<Info>() as u32,
    abi: ABI,
    id: text(b"@ID@\0"),
    version: text(b"0.1.0\0"),
    name: text(b"@NAME@\0"),
    summary: text(b"Words in common with the reference\0"),
    licence: text(b"Apache-2.0\0"),
    vendor: text(b"unknown\0"),
    task_kind: text(b"@NAME@\0"),
    caps: 0,
    needs: 0,
    score_min: 0.0,
    score_max: 1.0,
    tolerance: 0.0,
    higher_is_better: 1,
    component_n: 0,
    component_name: std::ptr::null(),
    config_schema: text(
        b"{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{\
          \"min_words\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":1000,\"default\":1,\
          \"description\":\"fewer words earn nothing\"}}}\0",
    ),
    mem_hint: 0,
    ms_hint: 1000,
    max_batch: 0,
};

static API: Api<Plugin> = Api {
    size: size_of::<Api<Plugin>>() as u32,
    zero: 0,
    open,
    close,
    score_batch,
};

static DESC: Desc<Plugin> = Desc {
    magic: MAGIC,
    size: size_of::<Desc<Plugin>>() as u32,
    abi: ABI,
    zero: 0,
    info: &INFO,
    api: &API,
};

#[no_mangle]
pub extern "C" fn assay_plugin_entry_v1() -> *const Desc<Plugin> {
    &DESC
}
