namespace Darter.Cli.Importing;

/// <summary>What kind of configuration is imported.</summary>
internal enum ImportKind
{
    /// <summary>A gunicorn.conf.py.</summary>
    Gunicorn,

    /// <summary>A uwsgi.ini.</summary>
    Uwsgi,

    /// <summary>The JSON of NGINX Unit.</summary>
    Unit,

    /// <summary>A site of nginx, or an nginx.conf.</summary>
    Nginx,
}
