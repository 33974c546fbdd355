// Package auditing derives decisions again from what the projections hold, and
// draws the samples that auditors ask for. It records nothing.
package auditing
