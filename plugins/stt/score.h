/* score: one transcript against one reference. Everything a score depends on is in the
 * arguments; every factor of it is in the result. A component that was not measured is
 * NaN. */
#ifndef STT_SCORE_H
#define STT_SCORE_H
#include "common/body.h"
#include "common/compose.h"
#include "common/latency.h"
#include "stt/language.h"
#include "stt/spelling.h"
#include "stt/tags.h"
#include "stt/timing.h"

/* X(name): the components, in the order in which they are reported. */
#define STT_COMPONENTS(X)                                                                          \
	X(wer)                                                                                         \
	X(cer)                                                                                         \
	X(mer)                                                                                         \
	X(wil)                                                                                         \
	X(wip)                                                                                         \
	X(error)                                                                                       \
	X(correct)                                                                                     \
	X(correct_weight)                                                                              \
	X(mean)                                                                                        \
	X(baseline)                                                                                    \
	X(curve)                                                                                       \
	X(quality)                                                                                     \
	X(insertion_factor)                                                                            \
	X(compression_factor)                                                                          \
	X(stutter_factor)                                                                              \
	X(filler_factor)                                                                               \
	X(control_factor)                                                                              \
	X(timing)                                                                                      \
	X(timing_factor)                                                                               \
	X(latency_factor)                                                                              \
	X(duplicate_factor)                                                                            \
	X(duplicate_rule)                                                                              \
	X(duplicate_bits)                                                                              \
	X(cluster)                                                                                     \
	X(cluster_size)                                                                                \
	X(raw_score)                                                                                   \
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
extern const char *const stt_component_name[STT_COMPONENT_N];

enum { STT_GATE_LANGUAGE = 16 }; /* after plg_gate: not in the script that was spoken */

typedef enum {
	STT_DEFAULT, /* what a listener would call equal */
	STT_WHISPER, /* openai/whisper 20250625, to the letter */
	STT_JIWER,   /* jiwer 4.0.0, wer_standardize */
	STT_PLAIN    /* words of the NFC text */
} stt_normaliser;

typedef struct {
	stt_normaliser normaliser;
	bool fold;            /* the folds of a language that only the default profile has */
	double useless_error; /* the error at which an answer is worth nothing */
	double curve;         /* the power of what is left below it */
	plg_body_limits limits;
	plg_formula formula;
	plg_latency latency; /* its deadline is the clip's, see stt_key */
	double latency_per_second;
	uint32_t latency_least_ms, latency_transfer_ms;
	const stt_spelling *spelling; /* NULL: none */
} stt_settings;

/* One way to read a transcript, as words and as the letters that cer counts. */
typedef struct {
	plg_text *word;
	size_t n;
	plg_text letters; /* the words joined: by spaces, or by nothing when letters count */
} stt_reading;

enum { STT_READINGS = 2 };
typedef struct {
	plg_text text; /* before normalising */
	/* Default profile: with and without the bracketed spans that the reference's annotator
	 * may have meant as remarks. Libraries' profiles: as the library reads it and, of an
	 * answer that hides words in brackets, with those words. */
	stt_reading reading[STT_READINGS];
	size_t readings;
	double compression, fillers, hidden;
} stt_side;

typedef struct {
	stt_language language;
	stt_side ref;
	stt_tags remarks;
	stt_times times;
	double duration; /* seconds; 0: not known */
	uint32_t deadline_ms;
} stt_key;

/* prompt: {"id","audio"|"audio_ref","duration_s"?}. reference: {"transcript",
 * "language"?}. NULL on success, else a constant sentence. Everything lives in a. */
const char *stt_key_prepare(plg_arena *a, const stt_settings *s, const assay_challenge *c,
							stt_key *key);

/* The library's normaliser is used without the table that belongs to it. */
static inline bool stt_lacks_table(const stt_settings *s, const stt_key *key)
{
	return s->normaliser == STT_WHISPER && s->spelling == NULL &&
		   stt_language_has(&key->language, STT_L_ENGLISH);
}

/* Scores one body. False only when out of memory or over the arena's cap. */
bool stt_score(plg_arena *a, const stt_settings *s, const stt_key *key, assay_bytes body,
			   uint32_t latency_ms, double *score, double component[STT_COMPONENT_N]);

#endif
