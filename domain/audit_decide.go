package domain

import "slices"

// SampleMax is the most decisions of one sample. A larger audit is several
// samples with seeds of their own.
const SampleMax = 5000

// Decide records a sample. What it claims to have drawn must be what its seed
// draws, as far as that can be seen without the population.
func (c RecordAudit) Decide(f Facts) ([]Event, error) {
	s, err := f.ledger(c.Act)
	if err != nil {
		return nil, err
	}
	if err := firstError(
		checkSlugs(optional("audit", c.Audit), needed("seed", c.Seed), optional("programme", c.Population.Programme)),
		checkHash("report", c.Report), c.checkSample(),
	); err != nil {
		return nil, err
	}
	e := &AuditSampled{
		Audit: c.id(c.Audit, "audit"), Seed: c.Seed, Population: c.Population, Decisions: slices.Clone(c.Decisions),
		Identical: c.Identical, Different: c.Different, Report: c.Report,
	}
	for _, x := range s.Audits {
		if x.ID != e.Audit {
			continue
		}
		if x.Seed == e.Seed && x.Population == e.Population && x.Sampled == len(e.Decisions) && x.Identical == e.Identical &&
			x.Different == e.Different && x.Report == e.Report {
			return nil, nil
		}
		return nil, refuseField("audit", "audit-differs", "Another audit has this identifier; please choose another.")
	}
	return events(e)
}

func (c RecordAudit) checkSample() error {
	n := len(c.Decisions)
	switch {
	case n == 0 || n > SampleMax:
		return refuseField("decisions", "sample-size", "A sample has from 1 to %d decisions.", SampleMax)
	case slices.ContainsFunc(c.Decisions, func(id string) bool { return !IsSlug(id) }):
		return refuseField("decisions", "not-a-code", "A decision is named by its identifier.")
	case c.Population.Until == 0:
		return refuseField("until", "missing-field", "It must be known up to which entry of the ledger decisions were looked at.")
	case n > c.Population.Decisions:
		return refuseField("population", "sample-size", "A sample has at most as many decisions as it is drawn from.")
	case !slices.Equal(SampleDecisions(c.Seed, c.Decisions, n), c.Decisions):
		return refuseField("decisions", "not-drawn", "The seed does not draw these decisions in this order; please draw the sample again.")
	case c.Identical < 0 || c.Different < 0 || c.Identical+c.Different != n:
		return refuseField("identical", "counts-differ", "Each decision of the sample came out identical or different; the two counts add up to the sample.")
	}
	return nil
}
