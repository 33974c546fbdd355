package programme

import "slices"

// TopicsMax bounds the topics of one list.
const TopicsMax = 200

// TopicList is what a source says should be taught, and which modules teach it.
// No result depends on it: it shows what a training covers, and what it does not.
type TopicList struct {
	Key     string
	Topics  []Topic
	Source  []string
	Assumes []string
}

// Topic is one thing that should be taught.
type Topic struct {
	Key     string
	Title   string
	Modules []string // that cover it, in the order of the modules; none: it is not covered
}

// topics reads lists of what should be taught, and which modules cover it.
func (r *reader) topics(n *node) {
	r.named(n, "topics", func(key, value *node, path string) {
		t, ok := r.open(value, path, "a list of topics", "named", "covered", "source", "assumes")
		if !ok {
			return
		}
		x := TopicList{Key: key.text, Source: t.cites(), Assumes: t.assumes()}
		r.named(t.need("named", "a list of topics"), t.at("named"), func(key, value *node, path string) {
			x.Topics = append(x.Topics, Topic{Key: key.text, Title: r.text(value, path)})
		})
		if len(x.Topics) > TopicsMax {
			r.fail(t.get("named"), t.at("named"), "divide them into lists", "more than %d topics", TopicsMax)
			return
		}
		r.covered(t, &x)
		r.p.Topics = append(r.p.Topics, x)
	})
}

// covered reads module to topics, and keeps topic to modules.
func (r *reader) covered(t table, x *TopicList) {
	known := keys(x.Topics, func(topic Topic) string { return topic.Key })
	by := map[string][]string{}
	r.named(t.get("covered"), t.at("covered"), func(key, value *node, path string) {
		module := r.reference(key, path, "module", r.moduleKeys())
		for _, topic := range r.references(value, path, "topic of "+x.Key, known) {
			by[topic] = append(by[topic], module)
		}
	})
	for i := range x.Topics {
		for _, m := range r.moduleKeys() {
			if slices.Contains(by[x.Topics[i].Key], m) {
				x.Topics[i].Modules = append(x.Topics[i].Modules, m)
			}
		}
	}
}

// Uncovered are the topics that no module covers.
func (x TopicList) Uncovered() []Topic {
	return slices.DeleteFunc(slices.Clone(x.Topics), func(t Topic) bool { return len(t.Modules) > 0 })
}
