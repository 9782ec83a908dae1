/* measures: word and character error measures from alignment counts (jiwer 4.0.0). */
#ifndef STT_MEASURES_H
#define STT_MEASURES_H
#include "stt/align.h"

typedef struct {
	double wer, mer, wil, wip;
} stt_measures;

/* Counts of several utterances are added first, never the ratios. An empty reference
 * makes wer the number of insertions, not a ratio. */
stt_measures stt_measures_of(stt_counts n);
stt_counts stt_counts_add(stt_counts a, stt_counts b);
/* (S + D + I) / (H + S + D): WER on word counts, CER on character counts. */
double stt_error_rate(stt_counts n);

/* jiwer's default words: runs of two or more white-space characters become a space,
 * trimmed, split at U+0020 only (a lone TAB stays inside a word). NULL when out of
 * memory. */
plg_text *stt_jiwer_words(plg_arena *a, plg_text t, size_t *n);

#endif
