using HallOps.Silo;

namespace HallOps.Web.Hub;

/// <summary>
/// Sends one connection what its mailbox holds, one message at a time, waiting for each to be taken: while a screen is slow its mailbox merges. A screen that takes nothing for
/// <see cref="Patience"/> is dropped.
/// </summary>
/// <param name="send">Completes when the transport has taken the message.</param>
/// <param name="drop">Ends the connection.</param>
public sealed partial class ScreenPump(ScreenMailbox mailbox, Func<FeedMessage, CancellationToken, ValueTask> send, Action drop, TimeProvider time, ILogger log)
{
    /// <summary>30 s: QUALITY.md, F16. Real time, whatever the speed of the halls' clocks.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Runs until cancelled, or until the screen is dropped; never throws.</summary>
    public async Task RunAsync(CancellationToken closed)
    {
        try
        {
            while (true)
            {
                await mailbox.WaitAsync(closed);
                while (mailbox.TryTake(out var message))
                {
                    var sending = send(message, closed);
                    if (sending.IsCompletedSuccessfully) continue;
                    await sending.AsTask().WaitAsync(Patience, time, closed);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The connection is gone.
        }
        catch (TimeoutException)
        {
            Stalled(log, Patience.TotalSeconds);
            drop();
        }
        catch (Exception e)
        {
            // Its transport has failed, or a message could not be made: it comes back with a snapshot.
            Failed(log, e);
            drop();
        }
    }

    [LoggerMessage(EventId = 2101, Level = LogLevel.Information, Message = "A screen took nothing for {Seconds} s and was dropped")]
    private static partial void Stalled(ILogger log, double seconds);

    [LoggerMessage(EventId = 2102, Level = LogLevel.Warning, Message = "A screen's connection failed and was dropped")]
    private static partial void Failed(ILogger log, Exception e);
}
