/** The facts of the Kubernetes release that Orrery speaks, linked once at start; the metrics API is a release of its own. */
import file from './facts.json' with { type: 'json' }
import metrics from './metrics-facts.json' with { type: 'json' }
import { schemaFacts, type FactsFile, type SchemaFacts } from './facts.ts'

const facts = file as FactsFile

export const kubernetesFacts: SchemaFacts = schemaFacts({ ...facts, models: { ...facts.models, ...(metrics as Pick<FactsFile, 'models'>).models } })
