/* A span is a tag when it has at most MAX_WORDS words, all of them in the vocabulary and
 * one of them a sound. A miner who puts a real word there gains what leaving it out
 * gains, and the vocabulary is closed. */
#include "stt/tags.h"
#include "common/build.h"
#include <string.h>

enum { MAX_SPAN = 80, MAX_WORDS = 6, MAX_WORD_BYTES = 64 };

/* What is heard, in the languages that recognisers write tags in. */
static const char sounds[] =
	" music musical song songs singing sings sing instrumental jingle melody tune laughter laugh "
	"laughs laughing laughed chuckle chuckles chuckling giggle giggles giggling applause applauds "
	"applauding clap claps clapping cheer cheers cheering noise noises noisy silence silent static "
	"beep beeps beeping buzz buzzing buzzer ring rings ringing cough coughs coughing sneeze "
	"sneezes "
	"sneezing sigh sighs sighing breath breaths breathing breathes inhale inhales inhaling exhale "
	"exhales exhaling gasp gasps gasping groan groans groaning grunt grunts sob sobs sobbing "
	"crying "
	"cries cry scream screams screaming sniff sniffs sniffing sniffles yawn yawns inaudible "
	"unintelligible indistinct crosstalk overlap overlapping nonspeech nospeech blank pause pauses "
	"wind rain thunder chirping barking barks footsteps typing engine siren sirens bell bells hum "
	"hums humming murmur murmurs murmuring chatter chattering unk unknown hesitation lipsmack "
	"smack "
	"click clicks clicking knock knocks knocking slam slams slamming rustling clears throat speech "
	"foreign audio sound sounds "
	"speaker endoftext startoftranscript notimestamps transcribe translate startofprev startoflm "
	"musik musique m\xc3\xbasica m\xc3\xbasicas musica "
	"\xd0\xbc\xd1\x83\xd0\xb7\xd1\x8b\xd0\xba\xd0\xb0 "
	"\xd0\xbc\xd1\x83\xd0\xb7\xd0\xb8\xd0\xba\xd0\xb0 muzyka muziek m\xc3\xbczik hudba zene "
	"musiikki "
	"musikk \xce\xbc\xce\xbf\xcf\x85\xcf\x83\xce\xb9\xce\xba\xce\xae "
	"\xce\xbc\xce\xbf\xcf\x85\xcf\x83\xce\xb9\xce\xba\xce\xb7 "
	"\xe9\x9f\xb3\xe4\xb9\x90 \xe9\x9f\xb3\xe6\xa8\x82 \xe9\x9f\xb3\xe6\xa5\xbd "
	"\xec\x9d\x8c\xec\x95\x85 "
	"\xd9\x85\xd9\x88\xd8\xb3\xd9\x8a\xd9\x82\xd9\x89 "
	"\xd9\x85\xd9\x88\xd8\xb3\xd9\x8a\xd9\x82\xd9\x8a "
	"\xd9\x85\xd9\x88\xd8\xb3\xdb\x8c\xd9\x82\xdb\x8c "
	"\xd7\x9e\xd7\x95\xd7\x96\xd7\x99\xd7\xa7\xd7\x94 "
	"\xe0\xa4\xb8\xe0\xa4\x82\xe0\xa4\x97\xe0\xa5\x80\xe0\xa4\xa4 "
	"\xe0\xb9\x80\xe0\xb8\x9e\xe0\xb8\xa5\xe0\xb8\x87 "
	"\xe0\xb8\x94\xe0\xb8\x99\xe0\xb8\x95\xe0\xb8\xa3\xe0\xb8\xb5 nh\xe1\xba\xa1"
	"c "
	"lachen gel\xc3\xa4"
	"chter rire rires risa risas risate risata risos riso \xd1\x81\xd0\xbc\xd0\xb5\xd1\x85 "
	"\xd1\x81\xd0\xbc\xd1\x96\xd1\x85 \xc5\x9bmiech gelach skratt latter "
	"\xe7\xac\x91 \xe7\xac\x91\xe5\xa3\xb0 \xe7\xac\x91\xe8\x81\xb2 \xe7\xac\x91\xe3\x81\x84 "
	"\xec\x9b\x83\xec\x9d\x8c "
	"\xd8\xb6\xd8\xad\xd9\x83 g\xc3\xbclme "
	"applaus applaudissements aplauso aplausos applausi applauso beifall "
	"\xd0\xb0\xd0\xbf\xd0\xbb\xd0\xbe\xd0\xb4\xd0\xb8\xd1\x81\xd0\xbc\xd0\xb5\xd0\xbd\xd1\x82\xd1"
	"\x8b "
	"\xd0\xbe\xd0\xbf\xd0\xbb\xd0\xb5\xd1\x81\xd0\xba\xd0\xb8 oklaski applaus "
	"\xe6\x8e\x8c\xe5\xa3\xb0 \xe6\x8e\x8c\xe8\x81\xb2 \xe6\x8b\x8d\xe6\x89\x8b "
	"\xeb\xb0\x95\xec\x88\x98 "
	"\xd8\xaa\xd8\xb5\xd9\x81\xd9\x8a\xd9\x82 alk\xc4\xb1\xc5\x9f "
	"stille silencio silenzio sil\xc3\xaancio \xd1\x82\xd0\xb8\xd1\x88\xd0\xb8\xd0\xbd\xd0\xb0 "
	"\xd1\x82\xd0\xb8\xd1\x88\xd0\xb0 cisza stilte tystnad \xe9\x9d\x99\xe9\x9f\xb3 "
	"\xe6\xb2\x89\xe9\xbb\x98 "
	"\xe7\x84\xa1\xe9\x9f\xb3 \xe6\xb2\x88\xe9\xbb\x99 \xec\xb9\xa8\xeb\xac\xb5 "
	"\xd8\xb5\xd9\x85\xd8\xaa sessizlik "
	"ger\xc3\xa4usch ger\xc3\xa4usche rauschen bruit bruits ruido ruidos rumore rumori ru\xc3\xad"
	"do "
	"\xd1\x88\xd1\x83\xd0\xbc ha\xc5\x82"
	"as szum lawaai \xe5\x99\xaa\xe9\x9f\xb3 \xe5\x99\xaa\xe5\xa3\xb0 "
	"\xe9\x9b\x91\xe9\x9f\xb3 \xec\x86\x8c\xec\x9d\x8c \xd8\xb6\xd9\x88\xd8\xb6\xd8\xa7\xd8\xa1 "
	"g\xc3\xbcr\xc3\xbclt\xc3\xbc "
	"unverst\xc3\xa4ndlich inaudibles incomprensible incomprensibile inaud\xc3\xadvel "
	"\xd0\xbd\xd0\xb5\xd1\x80\xd0\xb0\xd0\xb7\xd0\xb1\xd0\xbe\xd1\x80\xd1\x87\xd0\xb8\xd0\xb2\xd0"
	"\xbe "
	"niezrozumia\xc5\x82"
	"e \xe5\x90\xac\xe4\xb8\x8d\xe6\xb8\x85 \xe8\x81\xbd\xe4\xb8\x8d\xe6\xb8\x85 ";
/* What may stand beside it. */
static const char beside[] =
	" a an the of in on to and no non not is are upbeat soft softly gentle gently dramatic tense "
	"suspenseful background loud loudly playing plays continues ends starts stops fades fading "
	"quiet "
	"quietly light lightly intro outro theme sad happy slow fast heavy heavily deep deeply distant "
	"distantly faint faintly classical electronic ambient piano guitar drum drums man men woman "
	"women "
	"child children baby dog dogs cat birds audience crowd people speaking speaks "
	"language phone door doors keyboard traffic closes opens opening closing "
	"tongue lip lips video begin end begins spoken voice voices all both together nervous "
	"nervously "
	"auf im der die das le la les de du des el los las un una fond hintergrund fondo ";

static uint32_t closer_of(uint32_t c)
{
	switch (c) {
	case '(':
		return ')';
	case '[':
		return ']';
	case '<':
		return '>';
	case '{':
		return '}';
	case '*':
	case 0x266a:
	case 0x266b:
		return c;
	case 0x3010:
		return 0x3011;
	case 0x300a:
		return 0x300b;
	case 0x3014:
		return 0x3015;
	case 0xff08:
		return 0xff09;
	case 0xff1c:
		return 0xff1e;
	case 0xff3b:
		return 0xff3d;
	default:
		return 0;
	}
}

/* The place of the closing bracket of the span that opens at at; at when there is none. */
static size_t close_of(plg_text t, size_t at)
{
	uint32_t open = t.cp[at], close = closer_of(open);
	if (close == 0)
		return at;
	for (size_t i = at + 1; i < t.n && i <= at + MAX_SPAN; i++) {
		if (t.cp[i] == close)
			return i > at + 1 ? i : at;
		if (t.cp[i] == open)
			break;
	}
	return at;
}

static bool is_part(uint32_t c)
{
	return plg_is_word(c) ? c != '_' : plg_is_mark(c) || c == '\'';
}

/* The next word of t from *at on; empty at the end. */
static plg_text next_word(plg_text t, size_t *at)
{
	while (*at < t.n && !is_part(t.cp[*at]))
		(*at)++;
	size_t from = *at;
	while (*at < t.n && is_part(t.cp[*at]))
		(*at)++;
	return plg_text_sub(t, from, *at);
}

static plg_text words_of(plg_arena *a, plg_text span)
{
	plg_build b = plg_build_begin(a, span.n);
	size_t at = 0;
	for (plg_text w; (w = next_word(span, &at)).n > 0;) {
		if (b.n > 0)
			plg_build_add(&b, ' ');
		plg_build_text(&b, w);
	}
	return plg_build_end(&b);
}

static bool is_listed(plg_arena *a, plg_text w, const char *list)
{
	char key[MAX_WORD_BYTES + 3];
	assay_bytes utf8 = plg_utf8_encode(a, w);
	if (utf8.ptr == NULL || utf8.len > MAX_WORD_BYTES)
		return false;
	key[0] = ' ';
	memcpy(key + 1, utf8.ptr, (size_t)utf8.len);
	memcpy(key + 1 + utf8.len, " ", 2);
	return strstr(list, key) != NULL;
}

static bool is_number(plg_text w)
{
	for (size_t i = 0; i < w.n; i++)
		if (!plg_is_digit(w.cp[i]))
			return false;
	return w.n > 0;
}

/* A recogniser's own token: <|en|>, <|0.00|>. */
static bool is_token(plg_text span, plg_text words)
{
	return span.n > 2 && span.cp[0] == '|' && span.cp[span.n - 1] == '|' &&
		   (words.n <= 3 || is_number(plg_text_sub(words, 0, 1)));
}

static bool is_tag(plg_arena *a, plg_text span)
{
	size_t at = 0, words = 0, heard = 0;
	for (plg_text w; (w = next_word(span, &at)).n > 0; words++) {
		if (words == MAX_WORDS)
			return false;
		bool sound = is_listed(a, w, sounds);
		if (!sound && !is_listed(a, w, beside) && !is_number(w))
			return false;
		heard += sound;
	}
	return heard > 0;
}

static bool is_gone(plg_arena *a, plg_text span, const stt_tags *also)
{
	plg_text words = words_of(a, span);
	if (is_tag(a, span) || is_token(span, words))
		return true;
	for (size_t i = 0; also != NULL && i < also->n; i++)
		if (plg_text_eq(also->span[i], words))
			return true;
	return false;
}

plg_text stt_tags_remove(plg_arena *a, plg_text t, const stt_tags *also)
{
	plg_build b = plg_build_begin(a, t.n);
	for (size_t at = 0; at < t.n; at++) {
		size_t close = close_of(t, at);
		if (close > at && is_gone(a, plg_text_sub(t, at + 1, close), also)) {
			plg_build_add(&b, ' ');
			at = close;
		} else {
			plg_build_add(&b, t.cp[at]);
		}
	}
	return plg_build_end(&b);
}

void stt_tags_collect(plg_arena *a, plg_text t, stt_tags *out)
{
	for (size_t at = 0; at < t.n && out->n < STT_TAGS_MAX; at++) {
		size_t close = close_of(t, at);
		if (close == at)
			continue;
		plg_text span = plg_text_sub(t, at + 1, close), words = words_of(a, span);
		if (words.n > 0 && !is_gone(a, span, NULL))
			out->span[out->n++] = words;
		at = close;
	}
}
