/* transforms: the text transforms of jiwer 4.0.0 that its users combine before
 * counting errors. Each returns a text in the arena; cp is NULL when out of memory. */
#ifndef STT_TRANSFORMS_H
#define STT_TRANSFORMS_H
#include "common/text.h"

/* Runs of two or more white-space characters become one space. */
plg_text stt_remove_multiple_spaces(plg_arena *a, plg_text t);
/* won't, can't, let's, n't, 're, 's, 'd, 'll, 't, 've, 'm written out; case matters. */
plg_text stt_expand_contractions(plg_arena *a, plg_text t);
/* Characters of category P deleted. */
plg_text stt_remove_punctuation(plg_arena *a, plg_text t);
/* [...] and <...> deleted; the brackets may be mixed. */
plg_text stt_remove_kaldi(plg_arena *a, plg_text t);
/* Non-empty pieces between spaces (U+0020). */
plg_text *stt_split_spaces(plg_arena *a, plg_text t, size_t *n);
/* Lower case, contractions, Kaldi words, white space to spaces, split: jiwer's
 * wer_standardize for one sentence. */
plg_text *stt_wer_standardize(plg_arena *a, plg_text t, size_t *n);

/* A literal to be replaced wherever it stands. whole_left, whole_right: only where the
 * character beyond that end is not a word character. */
typedef struct {
	const char *pattern, *replacement;
	bool whole_left, whole_right;
} stt_substitution;
/* Replaces one ASCII literal everywhere, left to right. */
plg_text stt_substitute(plg_arena *a, plg_text t, const stt_substitution *s);

/* Whole words (runs of word characters) of ASCII letters, all of a list in one walk. */
typedef struct {
	const char *word, *replacement;
} stt_replacement;
plg_text stt_replace_words(plg_arena *a, plg_text t, const stt_replacement *list, size_t n);

#endif
