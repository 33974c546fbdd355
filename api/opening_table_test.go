package api

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/certledger/certledger/domain"
)

// opens says once more, and otherwise than the table, what a role may open.
func opens(a asked, g domain.Group) openScope {
	decision := a.what == domain.ReadDecisionDossier
	concerned := a.purpose == domain.PurposeSubjectRequest
	personal := slices.Contains([]domain.Group{domain.GroupLivedExp, domain.GroupAccommodation}, g)
	judging := slices.Contains([]domain.Group{domain.GroupNarrative, domain.GroupPracticum, domain.GroupComplaint}, g)
	others := slices.Contains([]domain.Group{domain.GroupPracticum, domain.GroupComplaint}, g)
	looking := slices.Contains([]string{domain.PurposeAppeal, domain.PurposeComplaint, domain.PurposeReview}, a.purpose)
	switch {
	case a.role == domain.RoleParticipant && concerned && others:
		return openOwn
	case a.role == domain.RoleParticipant && concerned, a.role == domain.RolePrivacyOfficer && concerned:
		return openAll
	case personal:
		return openNone
	case a.role == domain.RoleAuditor && decision && (a.purpose == domain.PurposeAudit || a.purpose == domain.PurposeComplaint):
		return openHand
	case (a.role == domain.RoleCertifier || a.role == domain.RoleAppealsPanel) && decision && looking && judging:
		return openHand
	case a.role == domain.RolePrivacyOfficer && a.purpose == domain.PurposeCorrection && !decision &&
		(g == domain.GroupIdentity || g == domain.GroupContact):
		return openAll
	case a.role == domain.RolePrivacyOfficer && (a.purpose == domain.PurposeComplaint || a.purpose == domain.PurposeLegal):
		if decision {
			return openHand
		}
		return openAll
	}
	return openNone
}

func TestTheOpeningTable(t *testing.T) {
	t.Log(openingTable)
	rows := 0
	for _, role := range accessRoles {
		for _, what := range []string{domain.ReadDecisionDossier, domain.ReadPersonDossier} {
			for _, purpose := range append(domain.Purposes(), "") {
				a := asked{role, what, purpose}
				may, some := openings[a]
				for _, g := range domain.Groups() {
					is := may[g]
					if is == "" {
						is = openNone
					}
					require.Equal(t, opens(a, g), is, "%v %s", a, g)
				}
				if some {
					rows++
					require.NotEqual(t, scopeNone, permission{"read", groupDossiers}.reach(role), "%v may not have the dossier", a)
				}
				c := call{principal: principal{role: role}}
				got, err := c.mayOpen(dossierRead{what: what, purpose: purpose})
				if purpose != "" && !some {
					require.Equal(t, notForPurpose.problem(), err, "asked for in vain: %v", a)
					continue
				}
				require.NoError(t, err)
				require.Equal(t, purpose == "", got == nil)
			}
		}
	}
	require.Equal(t, rows, len(openings))
	for _, role := range []string{domain.RoleTrainer, domain.RoleSupervisor, domain.RoleIntegrator, domain.RoleAdministrator, domain.RoleRegistrar} {
		require.NotContains(t, openingSentence(domain.ReadDecisionDossier)+openingSentence(domain.ReadPersonDossier), role)
	}
	require.Contains(t, openingSentence(domain.ReadDecisionDossier), "auditor (audit, complaint)")
}

func TestAnOpeningTableThatIsMalformedIsOurFault(t *testing.T) {
	head := "role dossier purposes"
	for _, g := range domain.Groups() {
		head += " " + string(g)
	}
	row := "auditor decision audit" + strings.Repeat(" all", len(domain.Groups()))
	require.Len(t, readOpenings(head+"\n"+row), 1)
	for name, table := range map[string]string{
		"a group less":       strings.TrimSuffix(head, " classified") + "\n" + strings.TrimSuffix(row, " all"),
		"a word less":        head + "\n" + strings.TrimSuffix(row, " all"),
		"an unknown role":    head + "\n" + strings.Replace(row, "auditor", "janitor", 1),
		"an unknown dossier": head + "\n" + strings.Replace(row, "decision", "cohort", 1),
		"an unknown purpose": head + "\n" + strings.Replace(row, "audit ", "curiosity ", 1),
		"an unknown scope":   head + "\n" + strings.Replace(row, "all", "some", 1),
		"a row twice":        head + "\n" + row + "\n" + row,
		"no words":           "role",
	} {
		require.Panics(t, func() { readOpenings(table) }, name)
	}
}

// The reference offers the purposes that the ledger knows.
func TestPurposesAreTheLedgers(t *testing.T) {
	o := newOffice(t)
	spec := o.send("GET", "", "/openapi.json", "").want(200)
	for _, path := range []string{"/v1/decisions/{decision}/dossier", "/v1/persons/{person}/dossier"} {
		var found []any
		for _, p := range spec.list("paths", path, "get", "parameters") {
			if m := p.(map[string]any); m["name"] == "purpose" {
				found = m["schema"].(map[string]any)["enum"].([]any)
			}
		}
		var words []string
		for _, w := range found {
			words = append(words, w.(string))
		}
		require.Equal(t, domain.Purposes(), words, path)
	}
}
