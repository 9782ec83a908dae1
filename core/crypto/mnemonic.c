/* BIP39 phrases the Substrate way: PBKDF2 stretches the entropy, not the sentence.
 * The English word list is not in this tree: the caller reads the file that a
 * package installed, and its digest proves it. The development phrase needs no
 * list: its entropy is as public as the phrase. */
#include <sodium.h>
#include "crypto/impl.h"

#define WORDS ASY_WORDLIST_WORDS
#define WORD_MAX 8 /* letters in the longest word of the list */

static const char dev_phrase[] =
	"bottom drive obey lake curtain smoke basket hold race lonely fit walk";
static const uint8_t dev_entropy[16] = {0x1a, 0x48, 0x6a, 0x5f, 0xbe, 0x53, 0x63, 0x99,
										0x84, 0xcb, 0x64, 0xb0, 0x70, 0x75, 0x5f, 0x7b};
/* What the development phrase without a password stretches to. */
static const uint8_t dev_mini[32] = {
	0xfa, 0xc7, 0x95, 0x9d, 0xbf, 0xe7, 0x2f, 0x05, 0x2e, 0x5a, 0x0c, 0x3c, 0x8d, 0x65, 0x30, 0xf2,
	0x02, 0xb0, 0x2f, 0xd8, 0xf9, 0xf5, 0xca, 0x35, 0x80, 0xec, 0x8d, 0xeb, 0x77, 0x97, 0x47, 0x9e};

assay_status asy_wordlist_init(asy_wordlist *w, assay_span file, assay_err *err)
{
	/* SHA-256 of the 2048 words of BIP-0039 in English, each ended by a line feed. */
	static const uint8_t known[32] = {0x2f, 0x5e, 0xed, 0x53, 0xa4, 0x72, 0x7b, 0x4b,
									  0xf8, 0x88, 0x0d, 0x8f, 0x3f, 0x19, 0x9e, 0xfc,
									  0x90, 0xe5, 0x85, 0x03, 0x64, 0x6d, 0x9f, 0xf8,
									  0xef, 0xf3, 0xa2, 0xed, 0x3b, 0x24, 0xdb, 0xda};
	uint8_t digest[32];
	uint32_t at = 0;

	crypto_hash_sha256(digest, file.ptr, file.len);
	if (memcmp(digest, known, sizeof known) != 0)
		return ASSAY_FAIL(err, E_FORMAT,
						  "the word list of %zu bytes is not the English BIP-0039 list", file.len);
	for (uint32_t n = 0; n < WORDS; n++) {
		w->at[n] = at;
		while (file.ptr[at] != '\n')
			at++;
		at++;
	}
	w->at[WORDS] = at;
	w->text = (const char *)file.ptr;
	return ASSAY_OK;
}

/* Index of the word, or -1. The list is sorted. */
static int find_word(const asy_wordlist *w, const char *word, size_t len)
{
	int lo = 0, hi = WORDS - 1;
	while (lo <= hi) {
		int mid = (lo + hi) / 2;
		size_t mid_len = w->at[mid + 1] - w->at[mid] - 1;
		int order = memcmp(word, w->text + w->at[mid], len < mid_len ? len : mid_len);
		if (order == 0 && len == mid_len)
			return mid;
		if (order < 0 || (order == 0 && len < mid_len))
			hi = mid - 1;
		else
			lo = mid + 1;
	}
	return -1;
}

/* Words -> 11 bits each, most significant first, in bits[33]. */
static assay_status read_words(const char *p, size_t len, const asy_wordlist *list,
							   uint8_t bits[33], size_t *words_n, assay_err *err)
{
	size_t n = 0, at = 0;
	memset(bits, 0, 33);
	while (at < len) {
		char word[WORD_MAX + 1];
		size_t k = 0;
		for (; at < len && p[at] != ' '; at++) {
			char c = p[at];
			if (k < sizeof word)
				word[k++] = (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
		}
		if (k == 0 || at + 1 == len)
			return ASSAY_FAIL(err, E_INPUT, "the phrase must have single spaces between words");
		int index = k <= WORD_MAX ? find_word(list, word, k) : -1;
		sodium_memzero(word, sizeof word);
		if (n == 24)
			return ASSAY_FAIL(err, E_INPUT, "the phrase has more than 24 words");
		/* The word itself is secret: say which, not what. */
		if (index < 0)
			return ASSAY_FAIL(err, E_INPUT, "word %zu of the phrase is not in the English list",
							  n + 1);
		for (size_t b = 0; b < 11; b++)
			if ((index >> (10 - b) & 1) != 0)
				bits[(n * 11 + b) / 8] |= (uint8_t)(0x80 >> (n * 11 + b) % 8);
		n++;
		at++;
	}
	*words_n = n;
	return ASSAY_OK;
}

static assay_status to_entropy(const char *p, size_t len, const asy_wordlist *list,
							   uint8_t entropy[32], size_t *entropy_len, assay_err *err)
{
	uint8_t bits[33], digest[32];
	size_t n = 0;
	assay_status st = read_words(p, len, list, bits, &n, err);
	if (st == ASSAY_OK && (n < 12 || n % 3 != 0))
		st = ASSAY_FAIL(err, E_INPUT, "the phrase has %zu words, not 12, 15, 18, 21 or 24", n);
	if (st == ASSAY_OK) {
		size_t bytes = n / 3 * 4;
		unsigned check = (unsigned)n / 3; /* bits */
		crypto_hash_sha256(digest, bits, bytes);
		unsigned mask = 0xffu << (8 - check) & 0xffu;
		if (((digest[0] ^ bits[bytes]) & mask) != 0) {
			st = ASSAY_FAIL(err, E_INPUT, "the phrase has a wrong checksum; a word is mistaken");
		} else {
			memcpy(entropy, bits, bytes);
			*entropy_len = bytes;
		}
	}
	sodium_memzero(bits, sizeof bits);
	sodium_memzero(digest, sizeof digest);
	return st;
}

/* PBKDF2-HMAC-SHA512, first block only: 64 bytes are all that is needed. */
static void stretch(const uint8_t *secret, size_t secret_len, const char *password, uint8_t out[64])
{
	static const char label[] = "mnemonic";
	static const uint8_t one[4] = {0, 0, 0, 1};
	crypto_auth_hmacsha512_state keyed, h;
	uint8_t u[64];

	crypto_auth_hmacsha512_init(&keyed, secret, secret_len);
	h = keyed;
	crypto_auth_hmacsha512_update(&h, (const uint8_t *)label, sizeof label - 1);
	crypto_auth_hmacsha512_update(&h, (const uint8_t *)password, strlen(password));
	crypto_auth_hmacsha512_update(&h, one, sizeof one);
	crypto_auth_hmacsha512_final(&h, u);
	memcpy(out, u, sizeof u);
	for (int round = 1; round < 2048; round++) {
		h = keyed;
		crypto_auth_hmacsha512_update(&h, u, sizeof u);
		crypto_auth_hmacsha512_final(&h, u);
		for (size_t i = 0; i < sizeof u; i++)
			out[i] ^= u[i];
	}
	sodium_memzero(&keyed, sizeof keyed);
	sodium_memzero(&h, sizeof h);
	sodium_memzero(u, sizeof u);
}

assay_status asy_mnemonic_seed(const char *phrase, size_t phrase_len, const char *password,
							   const asy_wordlist *words, uint8_t mini[32], assay_err *err)
{
	uint8_t entropy[32], seed[64];
	size_t len = sizeof dev_entropy;

	/* "//Alice": a development chain has thousands of these, and stretching takes
	 * milliseconds. The phrase written out is stretched, with the same result. */
	if (phrase_len == 0 && password[0] == '\0') {
		memcpy(mini, dev_mini, sizeof dev_mini);
		return ASSAY_OK;
	}
	if (phrase_len == 0 ||
		(phrase_len == sizeof dev_phrase - 1 && memcmp(phrase, dev_phrase, phrase_len) == 0)) {
		memcpy(entropy, dev_entropy, sizeof dev_entropy);
	} else if (words == NULL) {
		return ASSAY_FAIL(
			err, E_UNSUPPORTED,
			"a phrase needs the English word list of BIP-39; install the Debian package "
			"python3-mnemonic, or give the 0x seed instead");
	} else {
		assay_status st = to_entropy(phrase, phrase_len, words, entropy, &len, err);
		if (st != ASSAY_OK)
			return st;
	}
	stretch(entropy, len, password, seed);
	memcpy(mini, seed, 32);
	sodium_memzero(entropy, sizeof entropy);
	sodium_memzero(seed, sizeof seed);
	return ASSAY_OK;
}
