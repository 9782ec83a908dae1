/* score: one transcript against one reference. Everything a score depends on is in the
 * arguments; every factor of it is in the result. */
#ifndef STT_SCORE_H
#define STT_SCORE_H
#include "common/body.h"
#include "stt/language.h"
#include "stt/spelling.h"

/* X(name): the components, in the order in which they are reported. */
#define STT_COMPONENTS(X)                                                                          \
	X(wer)                                                                                         \
	X(cer)                                                                                         \
	X(mer)                                                                                         \
	X(wil)                                                                                         \
	X(wip)                                                                                         \
	X(error)                                                                                       \
	X(accuracy)                                                                                    \
	X(insertion_factor)                                                                            \
	X(compression_factor)                                                                          \
	X(stutter_factor)                                                                              \
	X(filler_factor)                                                                               \
	X(control_factor)                                                                              \
	X(latency_factor)                                                                              \
	X(invisible_share)                                                                             \
	X(silence)                                                                                     \
	X(no_spelling_table)                                                                           \
	X(gate)
enum {
#define STT_ENUM(name) STT_##name,
	STT_COMPONENTS(STT_ENUM)
#undef STT_ENUM
		STT_COMPONENT_N
};

enum { STT_GATE_LANGUAGE = 16 }; /* after plg_gate: not in the script that was spoken */

typedef enum { STT_WHISPER, STT_JIWER, STT_PLAIN } stt_normaliser;

typedef struct {
	stt_normaliser normaliser;
	bool keep_marks;
	double useless_error; /* the error at which an answer is worth nothing */
	plg_body_limits limits;
	double latency_weight, latency_per_second;
	uint32_t latency_least_ms, latency_transfer_ms;
	const stt_spelling *spelling; /* NULL: none */
} stt_settings;

/* A transcript, prepared for comparison. */
typedef struct {
	plg_text text; /* invisible characters removed, language folding done */
	plg_text *word;
	size_t n;
	plg_text letters; /* the words joined: by spaces, or by nothing when letters count */
	double compression, fillers;
} stt_side;

typedef struct {
	stt_language language;
	stt_side ref;
	uint32_t deadline_ms; /* of the latency factor */
} stt_key;

/* prompt: {"id","audio"|"audio_ref","duration_s"?}. reference: {"transcript",
 * "language"?}. NULL on success, else a constant sentence. Everything lives in a. */
const char *stt_key_prepare(plg_arena *a, const stt_settings *s, const assay_challenge *c,
							stt_key *key);

/* Scores one body. False only when out of memory or over the arena's cap. */
bool stt_score(plg_arena *a, const stt_settings *s, const stt_key *key, assay_bytes body,
			   uint32_t latency_ms, double *score, double component[STT_COMPONENT_N]);

#endif
