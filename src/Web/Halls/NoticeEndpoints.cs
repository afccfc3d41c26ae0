using System.Globalization;
using HallOps.Core.Halls;
using HallOps.Web.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace HallOps.Web.Halls;

/// <summary>What a manager tells everybody in the hall, on its boards, until a time.</summary>
public static class NoticeEndpoints
{
    public static void MapNotices(this IEndpointRouteBuilder api)
    {
        api.MapPost("/halls/{hall}/notices", PostAsync).Commands<NoticeBody, NoticeNow>(Act.PostNotice, StatusCodes.Status201Created);
        api.MapPost("/halls/{hall}/notices/{notice}/withdraw", WithdrawAsync).Commands<NoBody, NoticeNow>(Act.PostNotice);
    }

    private static async Task<Results<Answer<NoticeNow>, Problem>> PostAsync(string hall, HttpContext http, HallDoor door)
    {
        var entry = await HallDoor.EnterAsync(http, Act.PostNotice, new HallId(hall), Wire.Json.NoticeBody);
        if (!entry.IsIn) return entry.Problem;
        var body = entry.Body;
        if (body.Text is null || !NoticeText.IsText(body.Text)) return Problem.BadField("text", NoticeText.Allowed);
        if (body.En is not null && !NoticeText.IsText(body.En)) return Problem.BadField("en", NoticeText.Allowed);
        if (body.Until is not { } until) return Problem.BadField("until", "must be given: a time with its offset, until which the notice is shown");
        var text = await door.KeepAsync(NoticeText.Join(body.Text, body.En), http.RequestAborted);
        var command = new PostNotice(text!.Value, body.Zone is { } zone ? new ZoneId(zone) : null, Instant.From(until));
        return Now(await door.SendAsync(entry.Caller, entry.Hall, command, entry.Key), StatusCodes.Status201Created);
    }

    private static async Task<Results<Answer<NoticeNow>, Problem>> WithdrawAsync(string hall, string notice, HttpContext http, HallDoor door)
    {
        var entry = await HallDoor.EnterAsync(http, Act.PostNotice, new HallId(hall), Wire.Json.NoBody);
        if (!entry.IsIn) return entry.Problem;
        if (!long.TryParse(notice, NumberStyles.None, CultureInfo.InvariantCulture, out var id)) return Problem.Of("UnknownNotice");
        return Now(await door.SendAsync(entry.Caller, entry.Hall, new WithdrawNotice(id), entry.Key), StatusCodes.Status200OK);
    }

    private static Results<Answer<NoticeNow>, Problem> Now(DoorAnswer sent, int status)
    {
        if (!sent.IsDone) return sent.Problem;
        var reply = (NoticeReply)sent.Answer.Reply!;
        return new Answer<NoticeNow>(status, new NoticeNow(reply.Notice, WireTime.At(reply.Until, sent.Answer.Zone)), Wire.Json.NoticeNow);
    }
}

/// <param name="Text">In Chinese, or in the hall's first language.</param>
/// <param name="En">The same in English; may be left out.</param>
/// <param name="Zone">Left out: every zone.</param>
public sealed record NoticeBody(string? Text, string? En, string? Zone, DateTimeOffset? Until);

/// <param name="Notice">By which it is taken down.</param>
/// <param name="Until">When it is over; of one taken down, when that was.</param>
public sealed record NoticeNow(long Notice, DateTimeOffset Until);
