/** The library's style sheet: silhouettes from stock shapes, inks looked up by token name so that a theme change is one update. */
import type { EdgeSingular, NodeSingular, StylesheetJson } from 'cytoscape'
import type { Colours } from '../ui/drawing.ts'
import type { Shape } from './scene.ts'

const shapes: Readonly<Record<Shape, string>> = {
  box: 'round-rectangle', set: 'round-rectangle', pill: 'round-rectangle', hexagon: 'polygon', tag: 'polygon', cut: 'cut-rectangle', bare: 'rectangle', disc: 'ellipse',
}
const hexagon = '-1 0 -0.705 -1 0.705 -1 1 0 0.705 1 -0.705 1'
const tag = '-1 0 -0.745 -1 1 -1 1 1 -0.745 1'

export function graphStyle(colours: () => Colours): StylesheetJson {
  const ink = (name: string): string => colours()[name] || '#888888'
  const nodeInk = (field: string) => (node: NodeSingular) => ink(node.data(field) as string)
  const style: unknown[] = [
    {
      selector: 'node',
      style: {
        shape: (node: NodeSingular) => shapes[node.data('shape') as Shape],
        'shape-polygon-points': (node: NodeSingular) => (node.data('shape') === 'tag' ? tag : hexagon),
        'corner-radius': (node: NodeSingular) => node.data('corner') as number,
        width: (node: NodeSingular) => node.data('w') as number,
        height: (node: NodeSingular) => node.data('h') as number,
        'background-color': nodeInk('fill'),
        'border-color': nodeInk('line'),
        'border-width': (node: NodeSingular) => node.data('lineWidth') as number,
        'border-style': (node: NodeSingular) => (node.data('dashed') ? 'dashed' : 'solid'),
        'border-dash-pattern': [4, 3],
        'background-opacity': (node: NodeSingular) => (bare(node) ? 0 : 1),
        'border-opacity': (node: NodeSingular) => (bare(node) ? 0 : 1),
        'z-index': (node: NodeSingular) => node.data('z') as number,
        'z-index-compare': 'manual',
        opacity: (node: NodeSingular) => (node.data('dim') ? 0.45 : 1),
        events: 'yes',
        'overlay-opacity': 0,
        'underlay-opacity': 0,
      },
    },
    {
      selector: 'edge',
      style: {
        'curve-style': 'straight',
        'source-endpoint': (edge: EdgeSingular) => edge.data('sourceEnd') as string,
        'target-endpoint': (edge: EdgeSingular) => edge.data('targetEnd') as string,
        'line-color': (edge: EdgeSingular) => ink(edge.data('ink') as string),
        width: (edge: EdgeSingular) => edge.data('width') as number,
        'line-style': (edge: EdgeSingular) => ((edge.data('dash') as number[]).length > 0 ? 'dashed' : 'solid'),
        'line-dash-pattern': (edge: EdgeSingular) => ((edge.data('dash') as number[]).length > 0 ? (edge.data('dash') as number[]) : [6, 3]),
        'line-cap': 'round',
        'target-arrow-shape': 'none',
        'z-index': 2,
        'z-index-compare': 'manual',
        opacity: (edge: EdgeSingular) => (edge.data('dim') ? 0.35 : 1),
        events: 'no',
        'overlay-opacity': 0,
      },
    },
    { selector: 'core', style: { 'active-bg-opacity': 0, 'selection-box-opacity': 0 } },
  ]
  return style as StylesheetJson
}

const bare = (node: NodeSingular): boolean => node.data('shape') === 'bare' || node.data('shape') === 'disc'
