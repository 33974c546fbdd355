package api

import (
	"slices"
	"strings"

	"github.com/certledger/certledger/domain"
)

// openScope is which of a dossier's sealed values of a group are opened. All of
// them are the dossier's person's: those of others are never opened here.
type openScope string

// The scopes.
const (
	openNone openScope = "-"
	openAll  openScope = "all"
	openHand openScope = "hand" // in the decision at hand, and in the entries that it looked at
	openOwn  openScope = "own"  // in what the person recorded themself
)

// openingTable says which sealed values of a dossier a role may read, for which
// purpose: the one place. Who may have whose dossier at all is in the access table.
// A role that is not here opens nothing, and neither does anybody without a purpose.
//
// An auditor reads what a decision rested on, and no person's whole record; lived
// experience and accommodation are for the person concerned, and for the privacy
// officer who answers them. Participants read what is written about them, but for
// what may describe other people: practicum narratives and complaints of others'
// making.
const openingTable = `
role            dossier  purposes                 identity contact lived-experience accommodation narrative practicum-narrative complaint classified
auditor         decision audit,complaint          hand     hand    -                -             hand      hand                hand      hand
certifier       decision appeal,complaint,review  -        -       -                -             hand      hand                hand      -
appeals-panel   decision appeal,complaint,review  -        -       -                -             hand      hand                hand      -
privacy-officer decision data-subject-request     all      all     all              all           all       all                 all       all
privacy-officer person   data-subject-request     all      all     all              all           all       all                 all       all
privacy-officer person   correction               all      all     -                -             -         -                   -         -
privacy-officer decision complaint,legal          hand     hand    -                -             hand      hand                hand      hand
privacy-officer person   complaint,legal          all      all     -                -             all       all                 all       all
participant     decision data-subject-request     all      all     all              all           all       own                 own       all
participant     person   data-subject-request     all      all     all              all           all       own                 own       all
`

// asked is who reads what for which purpose: what the table is asked for.
type asked struct {
	role, what, purpose string
}

// mayOpen is one answer of the table: by group. A group that is missing is closed.
type mayOpen map[domain.Group]openScope

// openings is the table as it is looked up. It is never changed.
var openings = readOpenings(openingTable)

// dossierWords are the table's words for what is read.
var dossierWords = map[string]string{"decision": domain.ReadDecisionDossier, "person": domain.ReadPersonDossier}

// readOpenings reads the table; a malformed one is our fault.
func readOpenings(table string) map[asked]mayOpen {
	lines := strings.Split(strings.TrimSpace(table), "\n")
	head := strings.Fields(lines[0])
	const before = 3 // words before those of the groups
	var groups []domain.Group
	for _, word := range head[min(before, len(head)):] {
		groups = append(groups, domain.Group(word))
	}
	if !slices.Equal(groups, domain.Groups()) {
		panic("api: the opening table has not the ledger's groups in their order")
	}
	out := map[asked]mayOpen{}
	for _, line := range lines[1:] {
		words := strings.Fields(line)
		if len(words) != len(head) {
			panic("api: a row of the opening table has " + itoa(len(words)) + " words: " + line)
		}
		what, known := dossierWords[words[1]]
		if !known || !slices.Contains(accessRoles, words[0]) {
			panic("api: the opening table has an unknown role or dossier: " + line)
		}
		may := mayOpen{}
		for i, g := range groups {
			s := openScope(words[before+i])
			if !slices.Contains([]openScope{openNone, openAll, openHand, openOwn}, s) {
				panic("api: the opening table has an unknown scope: " + line)
			}
			may[g] = s
		}
		for purpose := range strings.SplitSeq(words[2], ",") {
			r := asked{words[0], what, purpose}
			if _, twice := out[r]; twice || !slices.Contains(domain.Purposes(), purpose) {
				panic("api: the opening table has an unknown purpose, or one twice: " + line)
			}
			out[r] = may
		}
	}
	return out
}

// openingSentence says who may open what of a kind of dossier, for the reference.
func openingSentence(what string) string {
	var who []string
	for _, role := range accessRoles {
		var purposes []string
		for _, p := range domain.Purposes() {
			if _, ok := openings[asked{role, what, p}]; ok {
				purposes = append(purposes, p)
			}
		}
		if len(purposes) > 0 {
			who = append(who, role+" ("+strings.Join(purposes, ", ")+")")
		}
	}
	return "Who may open some of it, for which purpose: " + strings.Join(who, "; ") + "."
}
