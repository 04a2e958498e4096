namespace Darter.Server.Configuration.Routes;

/// <summary>Files of a folder are sent.</summary>
/// <param name="Folder">The folder; its prefix is what is taken off the path before the file is looked for.</param>
/// <param name="FallsThrough">Whether a GET or HEAD for which there is no file, and other methods, go on to the next route that fits. Default no: 404, 405.</param>
public sealed record FilesAction(FolderConfig Folder, bool FallsThrough = false) : RouteAction;
