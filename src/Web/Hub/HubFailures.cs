using Microsoft.AspNetCore.SignalR;

namespace HallOps.Web.Hub;

/// <summary>Logs what a hub's method throws, unless it is a refusal: that is an answer. The framework's own log of both is turned off.</summary>
internal sealed partial class HubFailures(ILogger<HubFailures> log) : IHubFilter
{
    public async ValueTask<object?> InvokeMethodAsync(HubInvocationContext invocationContext, Func<HubInvocationContext, ValueTask<object?>> next)
    {
        try
        {
            return await next(invocationContext);
        }
        catch (Exception failed) when (failed is not (HubException or OperationCanceledException))
        {
            Failed(log, failed, invocationContext.HubMethodName);
            throw;
        }
    }

    public async Task OnConnectedAsync(HubLifetimeContext context, Func<HubLifetimeContext, Task> next)
    {
        try
        {
            await next(context);
        }
        catch (Exception failed)
        {
            Failed(log, failed, nameof(OnConnectedAsync));
            throw;
        }
    }

    public async Task OnDisconnectedAsync(HubLifetimeContext context, Exception? exception, Func<HubLifetimeContext, Exception?, Task> next)
    {
        try
        {
            await next(context, exception);
        }
        catch (Exception failed)
        {
            Failed(log, failed, nameof(OnDisconnectedAsync));
            throw;
        }
    }

    [LoggerMessage(EventId = 2300, Level = LogLevel.Error, Message = "The hub's {Method} failed")]
    private static partial void Failed(ILogger log, Exception failed, string method);
}
