/** The facts of the Kubernetes release that Orrery speaks, linked once at start. */
import file from './facts.json' with { type: 'json' }
import { schemaFacts, type FactsFile, type SchemaFacts } from './facts.ts'

export const kubernetesFacts: SchemaFacts = schemaFacts(file as FactsFile)
