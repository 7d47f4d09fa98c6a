"""Who may knock: response headers, proxies we believe, and forms that need no token."""
