/** The editor in the window's colours. Values are custom properties, so both themes need one style sheet. */
import { HighlightStyle } from '@codemirror/language'
import { EditorView } from '@codemirror/view'
import { tags } from '@lezer/highlight'

export const codeTheme = EditorView.theme({
  '&': { height: '100%', color: 'var(--text)', backgroundColor: 'var(--panel)', fontSize: '12.5px' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--font-mono)', lineHeight: '20px', overflow: 'auto' },
  '.cm-content': { padding: '8px 0', caretColor: 'var(--brass-mark)' },
  '.cm-line': { padding: '0 16px 0 8px' },
  '.cm-gutters': { backgroundColor: 'var(--panel)', color: 'var(--text-off)', border: 'none', paddingLeft: '6px' },
  '.cm-activeLineGutter': { backgroundColor: 'transparent', color: 'var(--text-2)' },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--hover) 45%, transparent)' },
  '.cm-cursor': { borderLeftColor: 'var(--brass-mark)', borderLeftWidth: '2px' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'var(--press)' },
  '.cm-matchingBracket': { backgroundColor: 'var(--mark)', outline: 'none' },
  '.cm-lit': { backgroundColor: 'var(--brass-soft)', boxShadow: 'inset 2px 0 var(--brass-mark)' },
  '.cm-lit-add': { backgroundColor: 'var(--diff-add)' },
  '.cm-lintRange-error': { backgroundImage: 'none', textDecoration: 'underline wavy var(--fail)', textUnderlineOffset: '3px' },
  '.cm-lintRange-warning': { backgroundImage: 'none', textDecoration: 'underline wavy var(--warn)', textUnderlineOffset: '3px' },
  '.cm-lint-marker': { width: '10px', height: '10px', marginTop: '5px' },
  '.cm-lint-marker-error': { content: 'none', backgroundColor: 'var(--fail)', transform: 'rotate(45deg) scale(.8)' },
  '.cm-lint-marker-warning': { content: 'none', backgroundColor: 'var(--warn)', clipPath: 'polygon(50% 0, 100% 100%, 0 100%)' },
  '.cm-tooltip': { backgroundColor: 'var(--raised)', border: '1px solid var(--line-strong)', borderRadius: '6px', boxShadow: 'var(--shadow-menu)', color: 'var(--text)', fontFamily: 'var(--font-ui)', fontSize: '12px', lineHeight: '17px', overflow: 'hidden' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--font-mono)', fontSize: '12px', maxHeight: '220px' },
  '.cm-tooltip-autocomplete ul li': { padding: '3px 8px !important' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--press)', color: 'var(--text)' },
  '.cm-completionDetail': { color: 'var(--text-3)', fontStyle: 'normal', marginLeft: '10px', fontFamily: 'var(--font-ui)' },
  '.cm-completionMatchedText': { textDecoration: 'none', color: 'var(--brass-text)', fontWeight: '600' },
  '.cm-completionInfo': { padding: '7px 10px', maxWidth: '320px', color: 'var(--text-2)' },
  '.cm-diagnostic': { padding: '5px 10px', borderLeft: '2px solid var(--fail)' },
  '.cm-diagnostic-warning': { borderLeftColor: 'var(--warn)' },
  '.cm-docs': { padding: '7px 10px', maxWidth: '380px' },
  '.cm-docs b': { fontWeight: '600' },
  '.cm-docs i': { fontStyle: 'normal', color: 'var(--text-3)', marginLeft: '8px' },
  '.cm-docs p': { margin: '3px 0 0', color: 'var(--text-2)' },
  '.cm-panels': { backgroundColor: 'var(--raised)', color: 'var(--text)', borderColor: 'var(--line)' },
  '.cm-panel input, .cm-panel button': { font: '12px/18px var(--font-ui)', color: 'var(--text)', background: 'var(--panel)', border: '1px solid var(--line-control)', borderRadius: '4px', padding: '1px 6px' },
  '.cm-searchMatch': { backgroundColor: 'var(--mark)' },
  '.cm-searchMatch-selected': { outline: '1px solid var(--brass-mark)' },
})

export const codeColours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--code-key)' },
  { tag: [tags.string, tags.special(tags.string), tags.content], color: 'var(--code-str)' },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword], color: 'var(--code-num)' },
  { tag: [tags.punctuation, tags.separator, tags.squareBracket, tags.brace, tags.comment, tags.lineComment, tags.meta], color: 'var(--code-punct)' },
])
