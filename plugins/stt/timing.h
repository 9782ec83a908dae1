/* timing: when things were said. A reference that carries times ("words": [{"word",
 * "start", "end"}] or "segments": [{"text", "start", "end"}], in seconds) asks for them. */
#ifndef STT_TIMING_H
#define STT_TIMING_H
#include "common/json.h"
#include "stt/language.h"

enum { STT_WORDS_MAX = 20000, STT_SEGMENTS_MAX = 512 };

typedef struct {
	plg_text text; /* folded: letters and digits in lower case, single spaces */
	double start, end;
} stt_mark;

typedef struct {
	stt_mark *word, *segment;
	size_t word_n, segment_n;
	bool word_bad, segment_bad; /* there, but out of order, of range, of shape or of reason */
} stt_times;

/* Reads "words" and "segments" of doc (may be NULL). duration: of the clip in seconds, 0
 * when it is not known. False when out of memory. */
bool stt_times_read(plg_arena *a, const plg_json *doc, const stt_language *l, double duration,
					stt_times *out);

/* 0..1: words by how far their ends are off (nothing up to 0.1 s, all at 1 s), every word
 * of the reference counted; else segments by the shared part of their time, weighted by
 * length. NaN when the reference has no times; -1 when out of memory. */
double stt_timing(plg_arena *a, const stt_times *ref, const stt_times *hyp);

#endif
