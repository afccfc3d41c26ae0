using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Json;
using HallOps.Web.Accounts;
using HallOps.Web.Storage;
using HallOps.Web.Tests.Door;
using HallOps.Web.Tests.Operations;
using HallOps.Web.Tests.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace HallOps.Web.Tests.Accounts;

public sealed class SignInTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(SqlKind.Sqlite)]
    [InlineData(SqlKind.Postgres)]
    public async Task SetUpLink_WorksOnce_AndOnlyWithAGoodPassword(SqlKind kind)
    {
        await using var server = await RunningServer.StartAsync(postgres: await PostgresRun.DatabaseAsync(kind));
        var secret = server.App.Services.GetRequiredService<FirstAccount>().Secret;
        using var client = server.Client();

        using var forged = await client.PostAsJsonAsync("setup", new { secret = secret + "x", password = RunningServer.Password }, Cancel);
        using var weak = await client.PostAsJsonAsync("setup", new { secret, password = "1234567890" }, Cancel);
        using var good = await client.PostAsJsonAsync("setup", new { secret, password = RunningServer.Password }, Cancel);
        using var again = await client.PostAsJsonAsync("setup", new { secret, password = RunningServer.Password }, Cancel);

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.BadRequest, HttpStatusCode.NoContent, HttpStatusCode.NotFound), (forged.StatusCode, weak.StatusCode, good.StatusCode, again.StatusCode));
        Assert.Equal("password", (await RunningServer.JsonAsync(weak)).GetProperty("field").GetString());
    }

    /// <summary>OWASP's figure for PBKDF2 with HMAC-SHA-512 (Password Storage Cheat Sheet, 2023), read from a password as the product keeps it: format 1, then function 2 and the rounds, each big-endian.</summary>
    [Fact]
    public async Task Password_IsKeptAtTheCostThatOwaspNames()
    {
        await using var server = await ServerHost.StartAsync();
        await using var scope = server.App.Services.CreateAsyncScope();

        var kept = Convert.FromBase64String(scope.ServiceProvider.GetRequiredService<IPasswordHasher<Account>>().HashPassword(new Account { Name = "" }, RunningServer.Password));

        Assert.Equal((1, 2u, 210_000u), (kept[0], BinaryPrimitives.ReadUInt32BigEndian(kept.AsSpan(1)), BinaryPrimitives.ReadUInt32BigEndian(kept.AsSpan(5))));
    }

    [Theory]
    [InlineData(SqlKind.Sqlite)]
    [InlineData(SqlKind.Postgres)]
    public async Task SignIn_WhateverIsWrong_AnswersTheSame(SqlKind kind)
    {
        await using var server = await RunningServer.StartAsync(postgres: await PostgresRun.DatabaseAsync(kind));
        await server.SetUpAsync();

        using var unknown = await server.TrySignInAsync("nobody", RunningServer.Password);
        using var wrong = await server.TrySignInAsync("admin", "something else");

        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.Equal("WrongSignIn", await RunningServer.CodeOf(wrong));
        Assert.Equal(await unknown.Content.ReadAsStringAsync(Cancel), await wrong.Content.ReadAsStringAsync(Cancel));
    }

    [Fact]
    public async Task SignIn_AfterFiveFailures_IsLockedForFiveMinutes()
    {
        await using var server = await RunningServer.StartAsync();
        await server.SetUpAsync();
        // Side by side, so that none is lost to the others.
        var failures = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => server.TrySignInAsync("admin", "something else")));
        Assert.All(failures, f => Assert.Equal(HttpStatusCode.Unauthorized, f.StatusCode));

        using (var locked = await server.TrySignInAsync("admin", RunningServer.Password)) Assert.Equal("WrongSignIn", await RunningServer.CodeOf(locked));

        // Identity's own clock cannot be set, so the lock's end is.
        await using var scope = server.App.Services.CreateAsyncScope();
        var database = scope.ServiceProvider.GetRequiredService<HallOpsDb>();
        var account = await database.Users.SingleAsync(Cancel);
        Assert.InRange(account.LockoutEnd!.Value - DateTimeOffset.UtcNow, TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(5));
        account.LockoutEnd = DateTimeOffset.UtcNow.AddSeconds(-1);
        await database.SaveChangesAsync(Cancel);
        using var free = await server.TrySignInAsync("admin", RunningServer.Password);
        Assert.Equal(HttpStatusCode.OK, free.StatusCode);
    }

    [Fact]
    public async Task Token_TwelveHoursLater_IsOver()
    {
        await using var server = await RunningServer.StartAsync();
        await server.SetUpAsync();
        using var admin = await server.SignInAsync();

        server.Time.Forward(AccountTokens.Lifetime - TimeSpan.FromMinutes(1));
        using (var still = await admin.GetAsync("accounts", Cancel)) Assert.Equal(HttpStatusCode.OK, still.StatusCode);
        server.Time.Forward(TimeSpan.FromMinutes(1));
        using var over = await admin.GetAsync("accounts", Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, over.StatusCode);
    }

    [Fact]
    public async Task Token_Altered_IsRefusedEvenWhereNobodyNeedsOne()
    {
        await using var server = await RunningServer.StartAsync();
        await server.SetUpAsync();
        using var admin = await server.SignInAsync();
        var token = admin.DefaultRequestHeaders.Authorization!.Parameter!;
        using var forger = server.Client(token[..^1] + (token[^1] == 'A' ? 'B' : 'A'));

        using var answer = await forger.GetAsync("halls", Cancel);

        Assert.Equal("SignInNeeded", await RunningServer.CodeOf(answer));
    }

    [Fact]
    public async Task Cookie_IsStrictAndHttpOnly_AndNotTakenFromAnotherOrigin()
    {
        await using var server = await RunningServer.StartAsync();
        await server.SetUpAsync();
        using var client = server.Client();
        using var signedIn = await client.PostAsJsonAsync("sign-in?cookie=true", new { user = "admin", password = RunningServer.Password }, Cancel);
        var cookie = Assert.Single(signedIn.Headers.GetValues("Set-Cookie"));
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        client.DefaultRequestHeaders.Add("Cookie", cookie.Split(';')[0]);

        using (var same = await client.GetAsync("accounts", Cancel)) Assert.Equal(HttpStatusCode.OK, same.StatusCode);
        client.DefaultRequestHeaders.Add("Origin", server.Address.GetLeftPart(UriPartial.Authority));
        using (var ours = await client.GetAsync("accounts", Cancel)) Assert.Equal(HttpStatusCode.OK, ours.StatusCode);
        client.DefaultRequestHeaders.Remove("Origin");
        client.DefaultRequestHeaders.Add("Origin", "http://elsewhere.example");
        using var foreign = await client.GetAsync("accounts", Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, foreign.StatusCode);
    }

    [Fact]
    public async Task SignIn_TheTwentyFirstTimeInAMinute_HasToWait()
    {
        await using var server = await RunningServer.StartAsync(limitsOff: false);
        using var client = server.Client();
        var statuses = new List<HttpStatusCode>();
        HttpResponseMessage? last = null;
        for (var i = 0; i < 21; i++) statuses.Add((last = await client.PostAsJsonAsync("sign-in", new { user = "nobody" }, Cancel)).StatusCode);

        Assert.Equal([.. Enumerable.Repeat(HttpStatusCode.BadRequest, 20), HttpStatusCode.TooManyRequests], statuses);
        Assert.Equal("TooManyRequests", await RunningServer.CodeOf(last!));
        Assert.InRange(last!.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 60);
    }
}
