// @NAME@: the words that an answer shares with the reference, and how few others it has (the
// F1 of words). A place to start: what is yours is score_one, the rest can stay.
#include <assay/plugin_kit.h>

#include <map>
#include <string>
#include <vector>

struct assay_plugin {
	const assay_host_api *host;
	std::size_t min_words; // an answer with fewer earns nothing
};

namespace
{

constexpr std::size_t text_max = 8192; // a longer answer earns nothing

// The member "text" of a JSON object, which is what this task's answers and references are.
bool text_of(assay_bytes json, std::string &out)
{
	std::vector<char> text(text_max);
	assay_bytes v;
	std::size_t len = 0;
	if (!assay_kit_json_get(json, "text", &v) ||
		!assay_kit_json_text(v, text.data(), text.size(), &len))
		return false;
	out.assign(text.data(), len);
	return true;
}

bool is_word(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80;
}

// How often each word, in lower case, is in the text.
std::map<std::string, std::size_t> words_of(const std::string &text, std::size_t &total)
{
	std::map<std::string, std::size_t> words;
	std::string word;
	total = 0;
	for (std::size_t i = 0; i <= text.size(); i++) {
		char c = i < text.size() ? text[i] : ' ';
		c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 'a' - 'A') : c;
		if (is_word(static_cast<unsigned char>(c))) {
			word += c;
		} else if (!word.empty()) {
			words[word]++;
			total++;
			word.clear();
		}
	}
	return words;
}

// From 0 to 1. Saying a word twice does not pay.
double score_one(const assay_plugin &p, const std::string &answer, const std::string &reference)
{
	std::size_t a_n, r_n, both = 0;
	const auto a = words_of(answer, a_n), r = words_of(reference, r_n);
	if (a_n < p.min_words || a_n + r_n == 0)
		return 0;
	for (const auto &[word, n] : a) {
		const auto found = r.find(word);
		if (found != r.end())
			both += n < found->second ? n : found->second;
	}
	return 2.0 * static_cast<double>(both) / static_cast<double>(a_n + r_n);
}

// May throw, as options may: no exception leaves the plugin.
int judge(assay_plugin *p, const assay_kit_row *row, double *score)
{
	std::string answer, reference;
	if (!text_of(row->challenge->reference, reference))
		return ASSAY_ROW_ABSTAIN; // nothing to compare with: not the miner's fault
	*score = text_of(row->response->body, answer) ? score_one(*p, answer, reference) : 0;
	return ASSAY_ROW_SCORED;
}

assay_rc options(assay_plugin *p, assay_bytes config)
{
	p->min_words = static_cast<std::size_t>(assay_kit_number(config, "min_words", 1));
	return ASSAY_RC_OK;
}

assay_plugin_info make_info()
{
	assay_plugin_info i = {};
	i.size = sizeof i;
	i.abi = ASSAY_ABI;
	i.id = "@ID@";
	i.version = "0.1.0";
	i.name = "@NAME@";
	i.summary = "Words in common with the reference";
	i.licence = "Apache-2.0";
	i.vendor = "unknown";
	i.task_kind = "@NAME@";
	i.score_max = 1;
	i.higher_is_better = 1;
	i.ms_hint = 1000;
	i.config_schema =
		ASSAY_KIT_OPTIONS(ASSAY_KIT_INTEGER("min_words", 1, 1000, 1, "fewer words earn nothing"));
	return i;
}

const assay_plugin_info info = make_info();
ASSAY_ROW_API(api, options, nullptr, judge, nullptr);

} // namespace

ASSAY_PLUGIN(info, api);
