/* segment: sacrebleu 2.6.0's tokenisers, character for character, bugs included: two
 * ranges of "zh" are written with five hexadecimal digits and mean something else there. */
#ifndef TXT_SEGMENT_H
#define TXT_SEGMENT_H
#include "common/build.h"

typedef enum { TXT_SEG_NONE, TXT_SEG_13A, TXT_SEG_ZH, TXT_SEG_INTL, TXT_SEG_CHAR } txt_segmenter;

/* The tokens separated by single spaces, as sacrebleu prints them. */
plg_text txt_segment(plg_arena *a, txt_segmenter how, plg_text t);
/* The tokens, after the trailing white space is gone, as BLEU wants them. */
plg_text *txt_segment_words(plg_arena *a, txt_segmenter how, plg_text t, size_t *n);
/* The four substitutions that "13a", "zh" and TER's normalisation share. */
plg_text txt_segment_western(plg_arena *a, plg_text t);
/* The same with a step of TER's between the marks and the stops. */
plg_text txt_segment_tercom(plg_arena *a, plg_text t, plg_text (*between)(plg_arena *, plg_text));
/* Replaces every literal from (ASCII) by to. */
plg_text txt_replace(plg_arena *a, plg_text t, const char *from, const char *to);

#endif
