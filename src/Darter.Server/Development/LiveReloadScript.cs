namespace Darter.Server.Development;

/// <summary>The script that pages get.</summary>
internal static class LiveReloadScript
{
    /// <summary>
    /// Each event has the version of pages and that of style sheets. A page of another version is fetched again, once for
    /// each version: one that a cache answers with its old version must not be fetched for ever.
    /// </summary>
    internal const string Text = """
        (() => {
          const page = document.currentScript.dataset.version;
          const key = "darter-live-reload";
          let styles;
          const refreshStyles = () => {
            for (const link of document.querySelectorAll('link[rel~="stylesheet"][href]')) {
              const url = new URL(link.href);
              if (url.origin !== location.origin) continue;
              url.searchParams.set("darter-live", Date.now());
              const next = link.cloneNode();
              next.href = url.href;
              // The old one stays until the new one is there: no flash of a page without style.
              next.onload = next.onerror = () => link.remove();
              link.after(next);
            }
          };
          const source = new EventSource("/__darter__/live");
          source.onmessage = (event) => {
            const [version, style] = event.data.split(" ");
            if (version !== page && sessionStorage.getItem(key) !== version) {
              sessionStorage.setItem(key, version);
              source.close();
              location.reload();
            } else if (styles !== undefined && styles !== style) {
              refreshStyles();
            }
            styles = style;
          };
          addEventListener("pagehide", () => source.close());
        })();
        """;
}
