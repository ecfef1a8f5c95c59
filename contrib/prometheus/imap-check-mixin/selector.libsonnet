// SPDX-License-Identifier: GPL-3.0-or-later
// series('state', 'class="x"'): imap_check_state with the site's selector and this one.
{
  with(config):: {
    series(name, more='')::
      local matchers = std.join(', ', [m for m in [config.imapCheckSelector, more] if m != '']);
      'imap_check_%s%s' % [name, if matchers == '' then '' else '{%s}' % matchers],
  },
}
