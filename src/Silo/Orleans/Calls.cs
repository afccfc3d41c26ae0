using HallOps.Core.Halls;
using Orleans.Runtime;

namespace HallOps.Silo.Orleans;

/// <summary>Calls of a node to grains that may be on their way from one silo to another.</summary>
internal static class Calls
{
    // A hall that moves is elsewhere in a moment: sooner than whoever asks would ask again.
    private static readonly TimeSpan[] Pauses = [TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(500)];

    /// <summary>Asks again, a few times, where the answer says that it would be another one elsewhere.</summary>
    /// <param name="failed">What stands for a call of which nobody knows what became: <see cref="AnswerStatus.OutcomeUnknown"/>.</param>
    public static async ValueTask<T> ReachAsync<TGrain, T>(TGrain grain, Func<TGrain, ValueTask<T>> call, Func<T, bool> isElsewhere, Func<AnswerStatus, T> failed) where TGrain : IGrain
    {
        for (var tries = 0; ; tries++)
        {
            try
            {
                var answer = await call(grain);
                if (!isElsewhere(answer) || tries == Pauses.Length) return answer;
            }
            catch (Exception e) when (IsOnTheWay(e))
            {
                return failed(AnswerStatus.OutcomeUnknown);
            }
            await Task.Delay(Pauses[tries], TimeProvider.System);
        }
    }

    /// <summary>The call was lost, or its answer was: not a bug of ours, which goes on as it is.</summary>
    private static bool IsOnTheWay(Exception e) => e is TimeoutException or OrleansException or ObjectDisposedException or OperationCanceledException or IOException;
}
