namespace Darter.Server;

/// <summary>An application, reached by a certain route.</summary>
internal interface IAnswerSource
{
    /// <summary>Has it answer a request of the front's own.</summary>
    Task RunAsync(IFrontRequest request);
}
