/* lang: the tables behind language.h; only language.c reads them. */
#ifndef TXT_LANG_H
#define TXT_LANG_H
#include "text/language.h"

extern const txt_language txt_lang_en, txt_lang_de, txt_lang_fr, txt_lang_es, txt_lang_it,
	txt_lang_pt, txt_lang_ru, txt_lang_nl, txt_lang_zh, txt_lang_ja;

#endif
