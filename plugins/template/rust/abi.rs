// The part of assay/plugin.h that plugin.rs uses, in Rust. Structs of the host may be longer
// than here: rows are reached by their stride, and nothing here is made by size_of of a host's.
#![allow(dead_code)]
use std::os::raw::{c_char, c_void};

pub const MAGIC: u32 = 0x4153_5931;
pub const ABI: u32 = 1 << 16;
pub const RC_OK: i32 = 0;
pub const RESP_OK: u32 = 0;
pub const ROW_SCORED: u8 = 1;
pub const ROW_ABSTAIN: u8 = 2;

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Bytes {
    ptr: *const u8,
    len: u64,
}

impl Bytes {
    pub fn as_slice(&self) -> &[u8] {
        if self.len == 0 {
            return &[];
        }
        // the host promises len bytes until the call returns
        unsafe { std::slice::from_raw_parts(self.ptr, self.len as usize) }
    }
}

#[repr(C)]
pub struct Info {
    pub size: u32,
    pub abi: u32,
    pub id: *const c_char,
    pub version: *const c_char,
    pub name: *const c_char,
    pub summary: *const c_char,
    pub licence: *const c_char,
    pub vendor: *const c_char,
    pub task_kind: *const c_char,
    pub caps: u32,
    pub needs: u32,
    pub score_min: f64,
    pub score_max: f64,
    pub tolerance: f64,
    pub higher_is_better: u32,
    pub component_n: u32,
    pub component_name: *const *const c_char,
    pub config_schema: *const c_char,
    pub mem_hint: u64,
    pub ms_hint: u32,
    pub max_batch: u32,
}

#[repr(C)]
pub struct Challenge {
    pub prompt: Bytes,
    pub reference: Bytes,
    pub meta_json: Bytes,
}

#[repr(C)]
pub struct Response {
    pub body: Bytes,
    pub hotkey: u64,
    pub coldkey: u64,
    pub challenge: u32,
    pub miner: u32,
    pub status: u32,
    pub latency_ms: u32,
}

#[repr(C)]
pub struct Batch {
    size: u32,
    challenge_n: u32,
    pub response_n: u64,
    challenge: *const u8,
    response: *const u8,
    challenge_stride: u32,
    response_stride: u32,
}

impl Batch {
    pub fn response(&self, i: u64) -> &Response {
        assert!(i < self.response_n);
        unsafe { &*(self.response.add(i as usize * self.response_stride as usize) as *const Response) }
    }
    pub fn challenge(&self, r: &Response) -> &Challenge {
        assert!(r.challenge < self.challenge_n);
        let at = r.challenge as usize * self.challenge_stride as usize;
        unsafe { &*(self.challenge.add(at) as *const Challenge) }
    }
}

#[repr(C)]
pub struct Scores {
    size: u32,
    component_n: u32,
    score: *mut f64,
    flag: *mut u8,
    component: *mut f64,
}

impl Scores {
    pub fn score(&mut self, i: u64, score: f64) {
        unsafe {
            *self.score.add(i as usize) = score;
            *self.flag.add(i as usize) = ROW_SCORED;
        }
    }
    pub fn abstain(&mut self, i: u64) {
        unsafe { *self.flag.add(i as usize) = ROW_ABSTAIN }
    }
}

pub type Open<P> = unsafe extern "C" fn(*const c_void, Bytes, *mut *mut P) -> i32;
pub type Close<P> = unsafe extern "C" fn(*mut P);
pub type ScoreBatch<P> = unsafe extern "C" fn(*mut P, *const c_void, *const Batch, *mut Scores) -> i32;

#[repr(C)]
pub struct Api<P> {
    pub size: u32,
    pub zero: u32,
    pub open: Open<P>,
    pub close: Close<P>,
    pub score_batch: ScoreBatch<P>,
}

#[repr(C)]
pub struct Desc<P: 'static> {
    pub magic: u32,
    pub size: u32,
    pub abi: u32,
    pub zero: u32,
    pub info: &'static Info,
    pub api: &'static Api<P>,
}

// constant data, read by everybody and written by nobody
unsafe impl Sync for Info {}
unsafe impl<P> Sync for Desc<P> {}
