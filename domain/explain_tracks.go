package domain

import (
	"slices"
	"strings"
)

// heading names the question that was asked: the award, and in which track or
// period.
func (o Outcome) heading() string {
	switch {
	case o.Track != "":
		return titled(o.Award) + ", " + spoken(o.Track)
	case o.Period != "":
		return titled(o.Award) + ", period " + o.Period
	}
	return titled(o.Award)
}

// idle marks the tracks of which nothing is on record, where something is of
// another: whoever chose one is not told of all that the others ask for.
func idle(outcomes []Outcome, entries []Entry) {
	begun := map[string]bool{}
	for i := range entries {
		switch v := entries[i].Event.(type) {
		case *EvidenceRecorded:
			begun[v.Track] = true
		case *JudgementRecorded:
			_, track, _ := strings.Cut(v.Question, "/")
			begun[track] = true
			for _, r := range v.Ratings {
				begun[trackRated(r.Item)] = true
			}
		case *DecisionRecorded:
			begun[v.Track] = true
		}
	}
	delete(begun, "")
	if len(begun) == 0 {
		return
	}
	for i := range outcomes {
		outcomes[i].idle = outcomes[i].Track != "" && !begun[outcomes[i].Track]
	}
}

// trackRated is the track in an item of a section that each track has for
// itself, section/track/item, or empty.
func trackRated(item string) string {
	parts := strings.Split(item, "/")
	if len(parts) < 3 {
		return ""
	}
	return parts[1]
}

// writeIdle tells the idle tracks of an award together, where the first stands.
func writeIdle(b *strings.Builder, all []Outcome, at int) {
	alike := func(o Outcome) bool { return o.idle && o.Award == all[at].Award && o.Earned == all[at].Earned }
	if slices.ContainsFunc(all[:at], alike) {
		return
	}
	var tracks []string
	for _, o := range all {
		if alike(o) {
			tracks = append(tracks, spoken(o.Track))
		}
	}
	b.WriteString("\n" + titled(all[at].Award) + ", " + strings.Join(tracks, ", ") + ": " + titled(all[at].Earned) + "\n  Nothing is on record for this yet.\n")
}
